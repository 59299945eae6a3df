#include "gateway/storage/sqlite/database.h"

#include <sys/stat.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace shikaku;
using namespace shikaku::storage;

namespace {

constexpr std::uint32_t kId = 0x53484b54;
constexpr std::array<Migration, 1> kFirst = {
    Migration{1, "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, data BLOB)"}};
constexpr std::array<Migration, 2> kSecond = {
    kFirst[0], Migration{2, "ALTER TABLE item ADD COLUMN note TEXT; CREATE TABLE other(a);"}};

class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "shikaku-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

DatabaseOptions options(const std::filesystem::path& file, std::span<const Migration> migrations) {
    return {.file = file, .application_id = kId, .migrations = migrations};
}

std::int64_t ask(Database& database, std::string_view sql) {
    auto statement = database.prepare(sql);
    REQUIRE(statement);
    REQUIRE(statement->step().value());
    return statement->integer(0);
}

}  // namespace

TEST_CASE("a new file is WAL, private, carries id and version, and opens again") {
    Folder folder;
    const auto file = folder / "a.db";
    {
        auto database = Database::open(options(file, kFirst));
        REQUIRE(database);
        struct stat info{};
        REQUIRE(::stat(file.c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == 0600);
        CHECK(ask(*database, "PRAGMA application_id") == kId);
        CHECK(ask(*database, "PRAGMA user_version") == 1);
        CHECK(ask(*database, "PRAGMA synchronous") == 2);
        CHECK(ask(*database, "PRAGMA cell_size_check") == 1);
        CHECK(ask(*database, "PRAGMA trusted_schema") == 0);
        auto mode = database->prepare("PRAGMA journal_mode");
        REQUIRE(mode->step().value());
        CHECK(mode->text(0) == "wal");
        REQUIRE(database->execute("INSERT INTO item(name) VALUES ('x')"));
    }
    auto again = Database::open(options(file, kSecond));
    REQUIRE(again);
    CHECK(ask(*again, "PRAGMA user_version") == 2);
    CHECK(ask(*again, "SELECT count(*) FROM item WHERE note IS NULL") == 1);
}

TEST_CASE("a connection that need not be durable uses synchronous NORMAL") {
    Folder folder;
    auto wanted = options(folder / "a.db", kFirst);
    wanted.durable = false;
    auto database = Database::open(wanted);
    REQUIRE(database);
    CHECK(ask(*database, "PRAGMA synchronous") == 1);
}

TEST_CASE("files that are not ours are refused and left as they are") {
    Folder folder;
    const auto file = folder / "a.db";
    SECTION("another application id") {
        REQUIRE(Database::open(options(file, kFirst)));
        auto other = options(file, kFirst);
        other.application_id = kId + 1;
        auto opened = Database::open(other);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::corrupt);
        other.application_id = kId;
        CHECK(Database::open(other));
    }
    SECTION("no application id but tables") {
        auto foreign = options(file, kFirst);
        foreign.application_id = 0;
        REQUIRE(Database::open(foreign));
        auto opened = Database::open(options(file, kFirst));
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::corrupt);
    }
    SECTION("not a database") {
        std::ofstream(file) << std::string(8192, 'x');
        auto opened = Database::open(options(file, kFirst));
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::corrupt);
        CHECK(std::filesystem::file_size(file) == 8192);
    }
    SECTION("newer than the program") {
        REQUIRE(Database::open(options(file, kSecond)));
        auto opened = Database::open(options(file, kFirst));
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::storage_unavailable);
        CHECK(opened.error().detail.find("newer") != std::string::npos);
    }
    SECTION("a folder that is not there") {
        auto opened = Database::open(options(folder / "none" / "a.db", kFirst));
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::storage_unavailable);
    }
}

TEST_CASE("a read-only connection neither creates, migrates nor writes") {
    Folder folder;
    const auto file = folder / "a.db";
    auto reader = options(file, kFirst);
    reader.read_only = true;
    CHECK_FALSE(Database::open(reader));
    CHECK_FALSE(std::filesystem::exists(file));
    auto writer = Database::open(options(file, kFirst));
    REQUIRE(writer);
    auto opened = Database::open(reader);
    REQUIRE(opened);
    CHECK_FALSE(opened->execute("INSERT INTO item(name) VALUES ('x')"));
    reader.migrations = kSecond;
    auto old = Database::open(reader);
    REQUIRE_FALSE(old);
    CHECK(old.error().detail.find("migrated") != std::string::npos);
}

TEST_CASE("a migration that fails leaves the version before it whole") {
    Folder folder;
    const std::array<Migration, 2> broken = {
        kFirst[0], Migration{2, "CREATE TABLE half(a); INSERT INTO nowhere VALUES (1)"}};
    CHECK_FALSE(Database::open(options(folder / "a.db", broken)));
    auto database = Database::open(options(folder / "a.db", kFirst));
    REQUIRE(database);
    CHECK(ask(*database, "PRAGMA user_version") == 1);
    CHECK(ask(*database, "SELECT count(*) FROM sqlite_schema WHERE name='half'") == 0);
}

TEST_CASE("a file whose creation was cut short before its first table is taken over") {
    Folder folder;
    REQUIRE(Database::open({.file = folder / "a.db", .application_id = 0, .migrations = {}}));
    CHECK(Database::open(options(folder / "a.db", kFirst)));
}

TEST_CASE("values come back as they were bound, empty ones as empty and not as NULL") {
    Folder folder;
    auto database = Database::open(options(folder / "a.db", kFirst));
    REQUIRE(database);
    auto insert = database->prepare("INSERT INTO item(id, name, data) VALUES (?, ?, ?)");
    REQUIRE(insert);
    const Bytes blob = {0, 1, 2, 255};
    insert->bind(1, 7);
    insert->bind(2, std::string_view("医療\0費", 10));
    insert->bind(3, blob);
    REQUIRE(insert->run());
    insert->bind(1, 8);
    insert->bind(2, std::string_view{});
    insert->bind(3, BytesView{});
    REQUIRE(insert->run());
    insert->bind(1, 9);
    insert->bind_null(2);
    insert->bind_null(3);
    REQUIRE(insert->run());
    CHECK(database->changes() == 1);

    auto select = database->prepare("SELECT name, data FROM item WHERE id=?");
    REQUIRE(select);
    select->bind(1, 7);
    REQUIRE(select->step().value());
    CHECK(select->text(0) == std::string_view("医療\0費", 10));
    CHECK(Bytes(select->blob(1).begin(), select->blob(1).end()) == blob);
    select->reset();
    select->bind(1, 8);
    REQUIRE(select->step().value());
    CHECK_FALSE(select->is_null(0));
    CHECK_FALSE(select->is_null(1));
    CHECK(select->text(0).empty());
    CHECK(select->blob(1).empty());
    select->reset();
    select->bind(1, 9);
    REQUIRE(select->step().value());
    CHECK(select->is_null(0));
    CHECK(select->is_null(1));
    CHECK_FALSE(select->step().value());
}

TEST_CASE("statement errors are reported once and the statement works again") {
    Folder folder;
    auto database = Database::open(options(folder / "a.db", kFirst));
    REQUIRE(database);
    auto insert = database->prepare("INSERT INTO item(id) VALUES (?)");
    REQUIRE(insert);
    SECTION("a bind beyond the parameters shows at the next step and nothing is written") {
        insert->bind(2, 1);
        insert->bind(1, 1);
        auto ran = insert->run();
        REQUIRE_FALSE(ran);
        CHECK(ran.error().code == ErrorCode::storage_unavailable);
        CHECK(ask(*database, "SELECT count(*) FROM item") == 0);
    }
    SECTION("a constraint is a conflict and names no value") {
        insert->bind(1, 4711);
        REQUIRE(insert->run());
        insert->bind(1, 4711);
        auto ran = insert->run();
        REQUIRE_FALSE(ran);
        CHECK(ran.error().code == ErrorCode::conflict);
        CHECK(ran.error().detail.find("4711") == std::string::npos);
    }
    insert->bind(1, 99);
    CHECK(insert->run());
}

TEST_CASE("prepare takes exactly one statement") {
    Folder folder;
    auto database = Database::open(options(folder / "a.db", kFirst));
    REQUIRE(database);
    for (const char* sql : {"", "  ", "SELECT 1; SELECT 2", "SELEKT 1", "SELECT none FROM item"})
        CHECK_FALSE(database->prepare(sql));
    CHECK(database->prepare("SELECT 1; \n"));
}

TEST_CASE("a transaction is all or nothing, and invisible to readers until its end") {
    Folder folder;
    auto database = Database::open(options(folder / "a.db", kFirst));
    auto reader_options = options(folder / "a.db", kFirst);
    reader_options.read_only = true;
    auto reader = Database::open(reader_options);
    REQUIRE(database);
    REQUIRE(reader);
    {
        auto transaction = Transaction::begin(*database);
        REQUIRE(transaction);
        REQUIRE(database->execute("INSERT INTO item(id) VALUES (1)"));
    }
    CHECK(ask(*database, "SELECT count(*) FROM item") == 0);
    auto transaction = Transaction::begin(*database);
    REQUIRE(transaction);
    CHECK_FALSE(Transaction::begin(*database));
    REQUIRE(database->execute("INSERT INTO item(id) VALUES (1)"));
    CHECK(ask(*reader, "SELECT count(*) FROM item") == 0);
    REQUIRE(transaction->commit());
    CHECK(ask(*reader, "SELECT count(*) FROM item") == 1);
    CHECK_FALSE(transaction->commit());
}

TEST_CASE("a moved database and its statements work") {
    Folder folder;
    auto opened = Database::open(options(folder / "a.db", kFirst));
    REQUIRE(opened);
    auto statement = opened->prepare("SELECT count(*) FROM item");
    Database moved = std::move(*opened);
    REQUIRE(statement->step().value());
    CHECK(statement->integer(0) == 0);
    Statement second = std::move(*statement);
    second.reset();
    CHECK(second.step().value());
}
