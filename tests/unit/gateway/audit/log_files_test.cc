// What a start makes of a log whose two files are not as it left them: of the time before there was
// a log.entries, with erased details, damaged, missing, or another log's.
#include "gateway/storage/sqlite/log_reader.h"
#include "tests/unit/gateway/audit/log_files_fixture.h"

using namespace log_test;

namespace {

// Makes of the closed log one of schema version 1: details in a table of log.db, no log.entries.
void make_version_1(const FilesFixture& fixture) {
    const auto file = fixture.folder.path() / "version-1.db";
    {
        auto options = storage::log_database(file, false);
        options.migrations = options.migrations.first(1);
        options.durable = true;
        auto old = storage::Database::open(options);
        REQUIRE(old);
        REQUIRE(old->execute("ATTACH '" + fixture.database.string() +
                             "' AS now;"
                             "INSERT INTO entry SELECT idx, leaf, token FROM now.entry;"
                             "INSERT INTO tile SELECT * FROM now.tile;"
                             "INSERT INTO checkpoint SELECT * FROM now.checkpoint;"
                             "DETACH now"));
        auto now = storage::Database::open(storage::log_database(fixture.database, true));
        REQUIRE(now);
        auto reader = storage::LogReader::prepare(*now);
        REQUIRE(reader);
        auto add = old->prepare("INSERT INTO detail(idx, sealed) VALUES (?, ?)");
        REQUIRE(add);
        for (std::uint64_t index = 0; index < kEntries; ++index) {
            const Bytes sealed = reader->detail(index).value().value();
            add->bind(1, static_cast<std::int64_t>(index));
            add->bind(2, BytesView(sealed));
            REQUIRE(add->run());
        }
    }
    std::filesystem::rename(file, fixture.database);
    REQUIRE(std::filesystem::remove(fixture.entries()));
}

std::int64_t number(const std::filesystem::path& database, std::string_view sql) {
    auto file = storage::Database::open(storage::log_database(database, true));
    REQUIRE(file);
    auto statement = file->prepare(sql);
    REQUIRE(statement);
    REQUIRE(statement->step().value());
    return statement->integer(0);
}

// A closed log of kEntries, its files kept.
struct ClosedFixture : FilesFixture {
    std::string vkey;
    ClosedFixture() {
        open();
        fill(0, kEntries);
        vkey = log->vkey();
        close();
        keep(database, "db");
        keep(entries(), "entries");
    }
    void restore() const {
        for (const char* ending : {"-wal", "-shm"})  // of a start that was refused
            std::filesystem::remove(database.string() + ending);
        put_back(database, "db");
        put_back(entries(), "entries");
    }
    // Does not start, says why, and leaves both files as they are.
    void check_corrupt(std::string_view what) {
        CAPTURE(what);
        const bool there = std::filesystem::exists(entries());
        const auto before = there ? content(entries()) : std::string();
        const auto opened = try_open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::corrupt);
        CHECK(opened.error().detail.contains("log.entries"));
        CHECK(content(database) == content(kept("db")));
        if (there) {
            CHECK(content(entries()) == before);
        } else if (std::filesystem::exists(entries())) {
            CHECK(std::filesystem::file_size(entries()) == 0);
        }
    }
};

}  // namespace

TEST_CASE("a log of schema version 1 opens with its details and goes on in log.entries") {
    FilesFixture fixture;
    fixture.open();
    fixture.fill(0, kEntries);
    fixture.close();
    fixture.open();
    const auto vkey = fixture.log->vkey();
    const auto shown = fixture.shown();
    fixture.close();
    make_version_1(fixture);
    fixture.keep(fixture.database, "version-1");

    const auto check_old = [&] {
        CHECK(fixture.shown() == shown);
        for (std::uint64_t index = 0; index < kEntries; ++index) {
            const auto entry = fixture.log->open_entry(index);
            REQUIRE(entry);
            REQUIRE(entry->detail.rest == detail_of(index));
            const auto receipt = fixture.log->receipt(index, {Opened::all});
            REQUIRE(receipt);
            REQUIRE(verify_receipt(*receipt, vkey));
        }
        fixture.check_tokens(kEntries, 0);
    };
    // Twice: the second start finds log.entries empty and entries without a place.
    for (int start = 0; start < 2; ++start) {
        fixture.open();
        check_old();
        fixture.close();
        CHECK(number(fixture.database, "PRAGMA user_version") ==
              storage::kLogMigrations.back().version);
        CHECK(number(fixture.database, "SELECT count(*) FROM entry WHERE at IS NULL") == kEntries);
        CHECK(std::filesystem::file_size(fixture.entries()) == 0);
        const auto verified = fixture.verify(vkey);
        CHECK(verified.opened == kEntries);
        CHECK(verified.behind == 0);
    }

    fixture.open();
    fixture.fill(kEntries, kEntries + 200);
    fixture.wait_covered(kEntries + 199);
    const auto check_new = [&] {
        for (std::uint64_t index = kEntries; index < kEntries + 200; ++index)
            REQUIRE(fixture.log->open_entry(index).value().detail.rest == detail_of(index));
        fixture.check_tokens(kEntries + 200, 0);
    };
    const auto root = fixture.log->checkpoint().checkpoint.root;
    check_new();
    fixture.close();
    CHECK(number(fixture.database, "SELECT count(*) FROM detail") == kEntries);
    CHECK(number(fixture.database, "SELECT count(*) FROM entry WHERE at IS NULL") == kEntries);

    // Again from version 1, as if nothing of log.db's change had survived.
    fixture.put_back(fixture.database, "version-1");
    fixture.open();
    CHECK(fixture.log->checkpoint().checkpoint.size == kEntries + 200);
    CHECK(fixture.log->checkpoint().checkpoint.root == root);
    check_new();
    CHECK(fixture.append("{}") == kEntries + 200);
    fixture.close();
    const auto verified = fixture.verify(vkey);
    CHECK(verified.checkpoint.size == kEntries + 201);
    CHECK(verified.opened == kEntries + 201);
    CHECK(verified.records == 201);

    fixture.tamper("DELETE FROM detail WHERE idx=7");
    fixture.check_refuted(vkey, 7);
    fixture.open();
    CHECK(fixture.log->open_entry(7).value().opened == Opened::nothing);
}

TEST_CASE("an erased detail, also the last, does not keep the log from going on") {
    ClosedFixture fixture;
    fixture.tamper("UPDATE entry SET size=-size WHERE idx IN (5, 598, 599)");
    fixture.open();
    REQUIRE(fixture.append(detail_of(kEntries)) == kEntries);
    fixture.wait_covered(kEntries);
    for (const std::uint64_t index : {5, 598, 599}) {
        const auto entry = fixture.log->open_entry(index);
        REQUIRE(entry);
        CHECK(entry->opened == Opened::nothing);
        const auto verified =
            verify_receipt(fixture.log->receipt(index, {Opened::all}).value(), fixture.vkey);
        REQUIRE(verified);
        CHECK(verified->entry.opened == Opened::nothing);
    }
    CHECK(fixture.log->open_entry(597).value().detail.rest == detail_of(597));
    CHECK(fixture.log->open_entry(kEntries).value().detail.rest == detail_of(kEntries));
    fixture.close();
    fixture.open();
    CHECK(fixture.append(detail_of(kEntries + 1)) == kEntries + 1);
    fixture.close();
    fixture.check_refuted(fixture.vkey, 5);  // no entry says who erased it
}

TEST_CASE("an erased detail whose bytes were overwritten does not keep the log from starting") {
    ClosedFixture fixture;
    const auto at = number(fixture.database, "SELECT at FROM entry WHERE idx=599");
    const auto size = number(fixture.database, "SELECT size FROM entry WHERE idx=599");
    fixture.tamper("UPDATE entry SET size=-size WHERE idx=599");
    auto bytes = content(fixture.entries());
    std::fill_n(bytes.begin() + at, size, '\0');
    put(fixture.entries(), bytes);
    fixture.open();
    CHECK(fixture.log->open_entry(599).value().opened == Opened::nothing);
    CHECK(fixture.append("{}") == kEntries);
    fixture.close();
    fixture.check_refuted(fixture.vkey, 599);
}

TEST_CASE("without the log.entries that log.db is about a log does not start") {
    ClosedFixture fixture;
    const auto entries = content(fixture.entries());
    const auto end =
        static_cast<std::size_t>(number(fixture.database, "SELECT max(at + size) FROM entry"));
    REQUIRE(std::filesystem::remove(fixture.entries()));
    fixture.check_corrupt("removed");
    fixture.restore();
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{36}, end / 2, end - 1}) {
        put(fixture.entries(), std::string_view(entries).substr(0, size));
        fixture.check_corrupt("truncated to " + std::to_string(size));
    }
    fixture.restore();
    fixture.open();
    fixture.check_entries(kEntries);
}

TEST_CASE("a lost log.db is not made anew in silence, also when log.entries was cut") {
    ClosedFixture fixture;
    const auto entries = content(fixture.entries());
    const auto first_ends =
        static_cast<std::size_t>(number(fixture.database, "SELECT at + size FROM entry LIMIT 1"));
    for (const std::size_t size : {entries.size(), first_ends}) {
        CAPTURE(size);
        put(fixture.entries(), std::string_view(entries).substr(0, size));
        std::filesystem::remove(fixture.database);
        const auto opened = fixture.try_open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == ErrorCode::corrupt);
        CHECK(opened.error().detail.find("restore log.db") != std::string::npos);
        CHECK(content(fixture.entries()).size() == size);
        fixture.restore();
    }
    fixture.open();
    fixture.check_entries(kEntries);
}

TEST_CASE("with another log's log.entries a log does not start") {
    ClosedFixture fixture;
    ClosedFixture other;
    const auto swap_in = [&](std::string_view what) {
        fixture.restore();
        put(fixture.entries(), content(other.entries()));
        fixture.check_corrupt(what);
    };
    SECTION("of the same shape") {
        swap_in("as many entries of the same sizes");
    }
    SECTION("longer by less than a record") {
        auto bytes = content(other.entries());
        const auto end =
            static_cast<std::size_t>(number(other.database, "SELECT max(at + size) FROM entry"));
        bytes.resize(end);
        put(other.entries(), bytes + "some bytes");
        swap_in("longer by less than a record");
    }
    SECTION("longer by entries") {
        other.open();
        other.fill(kEntries, kEntries + 100);
        other.close();
        swap_in("more entries of the same sizes");
    }
    SECTION("of another shape") {
        LogFixture third;
        third.open();
        third.append_many(2 * kEntries);
        third.close();
        fixture.restore();
        put(fixture.entries(), content(third.entries()));
        fixture.check_corrupt("other entries");
    }
    SECTION("shorter") {
        LogFixture third;
        third.open();
        third.append_many(kEntries / 2);
        third.close();
        fixture.restore();
        auto bytes = content(third.entries());
        put(fixture.entries(), std::string_view(bytes).substr(0, bytes.find_last_not_of('\0') + 1));
        fixture.check_corrupt("fewer entries");
    }
}

TEST_CASE("damage in what log.db has not noted keeps a log from starting, and changes nothing") {
    FilesFixture fixture;
    fixture.open();
    fixture.close();
    fixture.keep(fixture.database, "db");
    fixture.open();
    fixture.fill(0, kEntries);
    fixture.close();
    const auto at =
        static_cast<std::size_t>(number(fixture.database, "SELECT at FROM entry WHERE idx=300"));
    auto bytes = content(fixture.entries());
    bytes[at] ^= 1;
    put(fixture.entries(), bytes);
    fixture.put_back(fixture.database, "db");
    const auto opened = fixture.try_open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::corrupt);
    CHECK(opened.error().detail.contains("entry 300"));
    CHECK(content(fixture.entries()) == bytes);
    CHECK(content(fixture.database) == content(fixture.kept("db")));
}

TEST_CASE("a changed byte in the detail of an old entry is found, with the keys or without") {
    ClosedFixture fixture;
    const auto pristine = content(fixture.entries());
    for (const std::uint64_t index : {0, 1, 255, 256, 300, 599}) {
        const auto where = " FROM entry WHERE idx=" + std::to_string(index);
        const auto at = number(fixture.database, "SELECT at" + where);
        const auto size = number(fixture.database, "SELECT size" + where);
        for (const auto offset : {std::int64_t{0}, size / 2, size - 1}) {
            CAPTURE(index, offset);
            auto bytes = pristine;
            bytes[static_cast<std::size_t>(at + offset)] ^= 1;
            put(fixture.entries(), bytes);
            fixture.check_refuted(fixture.vkey, index);
        }
    }
    // It does not keep the log from starting: only that detail is lost.
    fixture.open();
    CHECK_FALSE(fixture.log->open_entry(599));
    CHECK(fixture.log->open_entry(598));
    CHECK(fixture.log->proof(599));
}

TEST_CASE("a log whose log.entries is not there is not verified") {
    ClosedFixture fixture;
    REQUIRE(std::filesystem::remove(fixture.entries()));
    for (const auto* keys : {fixture.keys.get(), static_cast<crypto::KeyRing*>(nullptr)}) {
        const auto verified = verify_database(fixture.database, fixture.vkey, keys, kSilent);
        REQUIRE_FALSE(verified);
        CHECK(verified.error().error.code == ErrorCode::storage_unavailable);
        CHECK(verified.error().error.detail.contains("log.entries is missing"));
    }
    CHECK_FALSE(std::filesystem::exists(fixture.entries()));
}

TEST_CASE("log.db and log.entries alone are a whole copy after a stop, whoever else reads") {
    FilesFixture fixture;
    fixture.open();
    fixture.fill(0, kEntries);
    const auto vkey = fixture.log->vkey();
    auto other = storage::Database::open(storage::log_database(fixture.database, true));
    REQUIRE(other);
    auto reader = storage::LogReader::prepare(*other);
    REQUIRE(reader);
    REQUIRE(reader->next_index());
    fixture.close();
    const auto copies = fixture.folder.path() / "copies";
    std::filesystem::create_directory(copies);
    for (const auto& file : {fixture.database, fixture.entries()})
        std::filesystem::copy_file(file, copies / file.filename());
    const auto verified = verify_database(copies / "log.db", vkey, fixture.keys.get(), kSilent);
    REQUIRE(verified);
    CHECK(verified->checkpoint.size == kEntries);
    CHECK(verified->behind == 0);
}

TEST_CASE("log.db may be a link to another folder; log.entries lies beside the link") {
    FilesFixture fixture;
    const auto elsewhere = fixture.folder.path() / "elsewhere";
    std::filesystem::create_directory(elsewhere);
    fixture.open();
    fixture.close();
    std::filesystem::rename(fixture.database, elsewhere / "log.db");
    std::filesystem::create_symlink(elsewhere / "log.db", fixture.database);
    fixture.open();
    fixture.fill(0, 300);
    fixture.wait_covered(299);
    fixture.check_entries(300);
    fixture.close();
    fixture.open();
    fixture.check_entries(300);
    CHECK_FALSE(std::filesystem::exists(elsewhere / "log.entries"));
}
