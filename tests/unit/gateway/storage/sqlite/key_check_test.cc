#include "gateway/storage/sqlite/key_check.h"

#include <catch2/catch.hpp>

#include "tests/support/temporary_folder.h"

namespace {

using namespace shikaku;
using namespace shikaku::storage;

constexpr Migration kSchema[] = {{1, kKeyCheckTable}};

struct File {
    File() {
        auto opened = Database::open({.file = path, .application_id = 77, .migrations = kSchema});
        REQUIRE(opened);
        database = std::make_unique<Database>(std::move(*opened));
    }
    Status expect(KeyUse use) { return expect_keys(*database, path, use); }

    shikaku::testing::TemporaryFolder folder;
    std::filesystem::path path = folder.path() / "a.db";
    std::unique_ptr<Database> database;
};

const Bytes kOne(16, 1), kTwo(16, 2), kThree(16, 3);

KeyUse first_use() {
    return {.ring = {{"registry", kOne}, {"seal 1", kTwo}}, .used = {"registry", "seal 1"}};
}

TEST_CASE("a file is opened again with the keys it was made with, and with no others") {
    File file;
    REQUIRE(file.expect(first_use()));
    CHECK(file.expect(first_use()));
    for (const std::string name : {"registry", "seal 1"}) {
        KeyUse other = first_use();
        other.ring[name] = kThree;
        const auto refused = file.expect(other);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::bad_key);
        CHECK(refused.error().detail.find('"' + name + '"') != std::string::npos);
        CHECK(refused.error().detail.find(file.path.string()) != std::string::npos);
        CHECK(refused.error().detail.find("鍵束") != std::string::npos);
    }
    CHECK(file.expect(first_use()));
}

TEST_CASE("a key the ring lacks is missed as long as it is needed") {
    File file;
    REQUIRE(file.expect(first_use()));
    KeyUse rotated{.ring = {{"registry", kOne}, {"seal 2", kThree}},
                   .used = {"registry", "seal 2"}};
    std::string asked;
    bool needed = true;
    rotated.needed = [&](std::string_view name) {
        asked = name;
        return Result<bool>(needed);
    };
    const auto refused = file.expect(rotated);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::bad_key);
    CHECK(refused.error().detail.find("\"seal 1\"") != std::string::npos);
    CHECK(asked == "seal 1");
    needed = false;
    CHECK(file.expect(rotated));
    needed = true;
    CHECK(file.expect(rotated));  // forgotten, and the new one noted
    rotated.ring["seal 2"] = kTwo;
    CHECK_FALSE(file.expect(rotated));
}

TEST_CASE("a file without check values is proven once, and noted only when it is") {
    File file;
    int proofs = 0;
    bool proven = false;
    KeyUse use = first_use();
    use.proven = [&]() -> Status {
        ++proofs;
        return proven ? Status() : fail(wrong_key("a.db", "seal"));
    };
    CHECK_FALSE(file.expect(use));
    CHECK_FALSE(file.expect(use));
    proven = true;
    CHECK(file.expect(use));
    CHECK(file.expect(use));
    CHECK(proofs == 3);
}

TEST_CASE("what cannot tell whether a key is needed does not go on without it") {
    File file;
    REQUIRE(file.expect(first_use()));
    KeyUse use{.ring = {{"registry", kOne}}, .used = {"registry"}};
    use.needed = [](std::string_view) -> Result<bool> {
        return fail(ErrorCode::storage_unavailable, "disk");
    };
    const auto refused = file.expect(use);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::storage_unavailable);
}

}  // namespace
