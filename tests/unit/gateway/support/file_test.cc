#include "gateway/support/file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/support/bounds.h"
#include "tests/support/temporary_folder.h"

namespace shikaku {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
}

std::size_t entries(const fs::path& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("a written file is read back whole, with its mode and without leftovers") {
    const testing::TemporaryFolder folder;
    const fs::path path = folder.path() / "some.bin";
    const std::string content = std::string("a\0b", 3) + std::string(200'000, 'x');
    REQUIRE(write_file(path, content, 0640));
    CHECK(read_file(path) == content);
    CHECK(mode_of(path) == 0640);
    REQUIRE(write_file(path, "new"));
    CHECK(read_file(path) == "new");
    CHECK(mode_of(path) == 0644);
    CHECK(entries(folder.path()) == 1);
}

TEST_CASE("an empty file is a file") {
    const testing::TemporaryFolder folder;
    REQUIRE(write_file(folder.path() / "empty", ""));
    CHECK(read_file(folder.path() / "empty") == "");
}

TEST_CASE("what cannot be read says so with its cause") {
    const testing::TemporaryFolder folder;
    const auto missing = read_file(folder.path() / "missing");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == ErrorCode::io_failed);
    CHECK_THAT(missing.error().detail, Catch::Contains("missing: No such file"));
    const auto not_a_file = read_file(folder.path());
    REQUIRE_FALSE(not_a_file);
    CHECK(not_a_file.error().code == ErrorCode::io_failed);
}

TEST_CASE("a file at the bound is read and one byte more is refused") {
    const testing::TemporaryFolder folder;
    const fs::path path = folder.path() / "file";
    REQUIRE(write_file(path, "12345"));
    CHECK(read_file(path, 5) == "12345");
    const auto refused = read_file(path, 4);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail, Catch::Contains("larger than 4 bytes"));
}

TEST_CASE("a failed write leaves the old content and nothing beside it") {
    const testing::TemporaryFolder folder;
    fs::create_directory(folder.path() / "taken");
    std::ofstream(folder.path() / "taken" / "inside") << "x";
    CHECK_FALSE(write_file(folder.path() / "taken", "content"));
    CHECK(entries(folder.path()) == 1);
    CHECK(fs::exists(folder.path() / "taken" / "inside"));
    CHECK_FALSE(write_file(folder.path() / "no" / "folder", "content"));
}

TEST_CASE("a secret that only its owner can use is read") {
    const testing::TemporaryFolder folder;
    const fs::path path = folder.path() / "key";
    const unsigned mode = GENERATE(0600U, 0400U, 0700U);
    REQUIRE(write_file(path, "secret", mode));
    CHECK(read_secret_file(path) == "secret");
    fs::create_symlink(path, folder.path() / "link");
    CHECK(read_secret_file(folder.path() / "link") == "secret");
}

TEST_CASE("a secret that others can use is refused") {
    const testing::TemporaryFolder folder;
    const fs::path path = folder.path() / "key";
    const unsigned mode = GENERATE(0640U, 0604U, 0660U, 0644U, 0610U, 0620U, 0602U, 0601U);
    CAPTURE(mode);
    REQUIRE(write_file(path, "secret", mode));
    fs::create_symlink(path, folder.path() / "link");
    for (const fs::path& way : {path, folder.path() / "link"}) {
        const auto refused = read_secret_file(way);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::bad_key);
        CHECK_THAT(refused.error().detail, !Catch::Contains("secret\n") && Catch::Contains("0600"));
    }
}

TEST_CASE("a secret that is no regular file, is missing or too large is refused") {
    const testing::TemporaryFolder folder;
    CHECK(read_secret_file(folder.path()).error().code == ErrorCode::bad_key);
    CHECK(read_secret_file(folder.path() / "missing").error().code == ErrorCode::io_failed);
    const fs::path pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(read_secret_file(pipe).error().code == ErrorCode::bad_key);
    const fs::path large = folder.path() / "large";
    REQUIRE(write_file(large, std::string(bounds::kSecretFileBytes + 1, 'x'), 0600));
    CHECK(read_secret_file(large).error().code == ErrorCode::io_failed);
}

}  // namespace
}  // namespace shikaku
