#include "gateway/storage/sqlite/checked_pages.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "gateway/storage/sqlite/database.h"
#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

using namespace shikaku;
using namespace shikaku::storage;

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::int64_t kRows = 400;
constexpr std::array<Migration, 1> kTables = {
    Migration{1,
              "CREATE TABLE item(id INTEGER PRIMARY KEY, name BLOB, data BLOB);"
              "CREATE UNIQUE INDEX by_name ON item(name);"
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<400)"
              "INSERT INTO item SELECT i, randomblob(16), randomblob(90) FROM n"}};

DatabaseOptions options(const std::filesystem::path& file, bool checksums) {
    return {.file = file,
            .application_id = 0x53484b54,
            .migrations = kTables,
            .page_checksums = checksums};
}

// Rows found when every one is looked up by its name; less than none: an error said so.
std::int64_t found_in(const std::filesystem::path& file, const std::vector<Bytes>& names) {
    auto database = Database::open(options(file, true));
    if (!database) return -1;
    auto find = database->prepare("SELECT data FROM item WHERE name=?");
    if (!find) return -1;
    std::int64_t found = 0;
    for (const Bytes& name : names) {
        find->bind(1, BytesView(name));
        const auto row = find->step();
        if (!row) return -1;
        found += *row ? 1 : 0;
        find->reset();
    }
    return found;
}

struct Files {
    testing::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "items.db";
    std::vector<Bytes> names;

    explicit Files(bool checksums) {
        auto database = Database::open(options(file, checksums));
        REQUIRE(database);
        auto all = database->prepare("SELECT name FROM item ORDER BY id");
        REQUIRE(all);
        while (all->step().value()) {
            const BytesView name = all->blob(0);
            names.emplace_back(name.begin(), name.end());
        }
        REQUIRE(names.size() == kRows);
    }
    [[nodiscard]] std::string content() const { return *read_file(file); }
    void put(std::string_view bytes) const {
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
};

}  // namespace

TEST_CASE("with checksums a flipped bit is an error and never a missing row") {
    const Files files(true);
    CHECK(found_in(files.file, files.names) == kRows);
    const std::string good = files.content();
    REQUIRE(good.size() % kPage == 0);
    for (std::size_t page = 0; page < good.size() / kPage; ++page) {
        for (const std::size_t at : {std::size_t{0}, std::size_t{5}, std::size_t{9},
                                     std::size_t{200}, kPage / 2, kPage - 40, kPage - 1}) {
            CAPTURE(page, at);
            std::string damaged = good;
            damaged[page * kPage + at] = static_cast<char>(damaged[page * kPage + at] ^ 0x10);
            files.put(damaged);
            const auto found = found_in(files.file, files.names);
            CHECK((found == -1 || found == kRows));  // all of them: SQLite did not need the page
            files.put(damaged);
            const auto read = read_pages(files.file, 1, 10'000);
            REQUIRE(read);
            CHECK(read->damaged ==
                  std::vector<std::uint32_t>{static_cast<std::uint32_t>(page) + 1});
        }
    }
    files.put(good);
    CHECK(found_in(files.file, files.names) == kRows);
}

TEST_CASE("a page in the place of another is damaged") {
    const Files files(true);
    std::string swapped = files.content();
    for (std::size_t i = 0; i < kPage; ++i)
        std::swap(swapped[3 * kPage + i], swapped[4 * kPage + i]);
    files.put(swapped);
    CHECK(read_pages(files.file, 1, 100)->damaged == std::vector<std::uint32_t>{4, 5});
    CHECK(found_in(files.file, files.names) == -1);
}

TEST_CASE("pages are looked through in steps") {
    const Files files(true);
    const auto pages = static_cast<std::uint32_t>(files.content().size() / kPage);
    std::uint32_t next = 1;
    for (std::uint32_t seen = 0; seen + 3 < pages; seen += 3) {
        CHECK(next == seen + 1);
        next = read_pages(files.file, next, 3)->next;
    }
    CHECK(read_pages(files.file, next, 3)->next == 0);
}

TEST_CASE("a file without checksums gets them and keeps what it says") {
    const Files files(false);
    {
        auto database = Database::open(options(files.file, false));
        REQUIRE(database);
        REQUIRE(database->execute("UPDATE item SET data=x'07' WHERE id=7"));
        CHECK(read_pages(files.file, 1, 10'000)->damaged == std::vector<std::uint32_t>{1});
    }
    CHECK(found_in(files.file, files.names) == kRows);
    CHECK(read_pages(files.file, 1, 10'000)->damaged.empty());
    CHECK(static_cast<int>(files.content()[20]) == kPageChecksumBytes);
    CHECK_FALSE(std::filesystem::exists(files.file.string() + ".new"));
    auto database = Database::open(options(files.file, true));
    REQUIRE(database);
    auto row = database->prepare("SELECT data FROM item WHERE id=7");
    REQUIRE(row->step().value());
    CHECK(to_hex(row->blob(0)) == "07");
}

TEST_CASE("looking at a database gives up no lock that a connection of this process has on it") {
    const Files files(true);
    // As another process sees it; closing the file in this one would give the locks up.
    const auto locked = [&] {
        const pid_t child = ::fork();
        if (child == 0) {
            const int fd = ::open(files.file.c_str(), O_RDWR | O_CLOEXEC);
            struct flock any{};
            any.l_type = F_WRLCK;
            any.l_whence = SEEK_SET;
            const bool asked = fd >= 0 && ::fcntl(fd, F_GETLK, &any) == 0;
            ::_exit(!asked ? 2 : any.l_type == F_UNLCK ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFEXITED(status));
        REQUIRE(WEXITSTATUS(status) != 2);
        return WEXITSTATUS(status) == 1;
    };
    auto database = Database::open(options(files.file, true));
    REQUIRE(database);
    REQUIRE(database->execute("SELECT count(*) FROM item"));
    REQUIRE(locked());
    REQUIRE(read_pages(files.file, 1, 10));
    CHECK(locked());
    REQUIRE(Database::open(options(files.file, true)));  // and closed again
    CHECK(locked());
    auto reading = options(files.file, true);
    reading.read_only = true;
    REQUIRE(Database::open(reading));
    CHECK(locked());
}
