#include "gateway/storage/anchor_place.h"

#include <catch2/catch.hpp>

#include "gateway/storage/sqlite/registry_schema.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace shikaku;
using namespace shikaku::storage;

struct OldRegistry {
    testing::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "registry.db";

    // As a program of then has left it: of that schema, its pages without checksums.
    void make(std::size_t version, const char* sql = "") const {
        auto database =
            Database::open({.file = file,
                            .application_id = kRegistryApplicationId,
                            .migrations = std::span(kRegistryMigrations).first(version)});
        REQUIRE(database);
        REQUIRE(database->execute(sql));
    }
    [[nodiscard]] std::optional<std::string> read() const {
        const std::string before = read_file(file).value();
        const auto note = anchor_in_registry(file)->read();
        if (!note) FAIL(note.error().detail);
        CHECK(read_file(file).value() == before);
        return *note;
    }
};

TEST_CASE_METHOD(OldRegistry,
                 "reading an anchor changes nothing, of whatever version the file is") {
    SECTION("of before there were anchors") {
        make(4);
        CHECK_FALSE(read());
    }
    SECTION("of before checksums") {
        make(5, "INSERT INTO log_anchor VALUES (1, 'a note')");
        CHECK(read() == "a note");
        // Written to, it is of this version.
        const auto place = anchor_in_registry(file);
        REQUIRE(place->write("another note"));
        CHECK(read() == "another note");
    }
    SECTION("its making was cut short") {
        REQUIRE(write_file(file, ""));
        CHECK_FALSE(read());
    }
    SECTION("there is none") {
        CHECK_FALSE(anchor_in_registry(file)->read().value());
        CHECK_FALSE(std::filesystem::exists(file));
    }
}

}  // namespace
