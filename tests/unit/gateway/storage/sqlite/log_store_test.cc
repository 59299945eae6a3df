#include "gateway/storage/sqlite/log_store.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "gateway/storage/sqlite/log_reader.h"
#include "gateway/storage/sqlite/log_schema.h"
#include "gateway/support/bounds.h"

using namespace shikaku;
using namespace shikaku::storage;

namespace {

class Files {
  public:
    Files() {
        std::string name = (std::filesystem::temp_directory_path() / "shikaku-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        folder_ = name;
    }
    ~Files() { std::filesystem::remove_all(folder_); }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    [[nodiscard]] std::filesystem::path log() const { return folder_ / "log.db"; }
    [[nodiscard]] std::filesystem::path other() const { return folder_ / "other.lock"; }

  private:
    std::filesystem::path folder_;
};

Bytes bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

const RecordKey kKey = [](std::initializer_list<BytesView> parts) {
    RecordMac mac{};
    for (const BytesView part : parts)
        for (const auto byte : part)
            mac[0] = static_cast<std::uint8_t>(mac[0] * 31 + byte);
    return mac;
};

const EntryVisitor kNothingExpected = [](const LogRow&, Place) {
    return fail(ErrorCode::internal, "there is nothing to take up");
};

// How many entries log.entries has that log.db has not.
std::uint64_t not_yet_noted(const Files& files, LogReader& reader) {
    auto file = VfsFile::open(entries_of(files.log()), VfsFile::Mode::read);
    REQUIRE(file);
    std::uint64_t records = 0;
    REQUIRE(visit_entries(*file, 0, 0, [&](const LogRow&, Place) -> Status {
        ++records;
        return {};
    }));
    return records - reader.next_index().value();
}

// Entries 0, 1, ...: leaf "0", detail "sealed 0", and a token for every other.
class Rows {
  public:
    explicit Rows(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i)
            texts_.push_back({std::to_string(i), "sealed " + std::to_string(i)});
        for (std::uint64_t i = 0; i < count; ++i)
            views_.push_back({.index = i,
                              .leaf = as_bytes(texts_[i].leaf),
                              .token = i % 2 == 0 ? as_bytes("token") : BytesView{},
                              .sealed = as_bytes(texts_[i].sealed)});
    }
    [[nodiscard]] std::span<const LogRow> views() const { return views_; }

  private:
    struct Texts {
        std::string leaf, sealed;
    };
    std::vector<Texts> texts_;
    std::vector<LogRow> views_;
};

}  // namespace

TEST_CASE("a lock is held by one and given up at the end") {
    Files files;
    {
        const auto lock = FileLock::take(files.other());
        REQUIRE(lock);
        CHECK(FileLock::take(files.other()).error().code == ErrorCode::conflict);
    }
    CHECK(FileLock::take(files.other()));
    CHECK(FileLock::take(files.other() / "below").error().code == ErrorCode::storage_unavailable);
}

TEST_CASE("log rows are read as they were written, in ranges and one by one") {
    Files files;
    auto store = LogStore::create(files.log(), kKey);
    REQUIRE(store);
    CHECK(LogStore::open(files.log(), kKey).error().code == ErrorCode::conflict);
    REQUIRE(store->take_up(0, OldRecords::refused, kNothingExpected));
    REQUIRE(store->accept("now"));
    auto database = Database::open(log_database(files.log(), true));
    REQUIRE(database);
    auto reader = LogReader::prepare(*database);
    REQUIRE(reader);
    CHECK(reader->next_index() == 0);
    CHECK(not_yet_noted(files, *reader) == 0);
    CHECK(reader->latest_checkpoint().value() == std::nullopt);

    const Rows rows(5);
    std::vector<Place> places;
    REQUIRE(store->append(rows.views(), places));
    REQUIRE(places.size() == 5);
    CHECK(reader->next_index() == 0);
    CHECK(not_yet_noted(files, *reader) == 5);

    auto transaction = store->begin();
    REQUIRE(transaction);
    for (std::size_t i = 0; i < 5; ++i)
        REQUIRE(store->add(rows.views()[i], places[i]));
    CHECK(store->add(rows.views()[3], places[3]).error().code == ErrorCode::conflict);
    REQUIRE(store->add_tile(0, 0, as_bytes("tile")));
    REQUIRE(store->put_checkpoint(10, 3, "first"));
    REQUIRE(store->put_checkpoint(10, 4, "second"));
    REQUIRE(store->put_checkpoint(11, 5, "third"));
    CHECK(reader->next_index() == 0);  // not committed yet
    REQUIRE(transaction->commit());

    CHECK(reader->next_index() == 5);
    CHECK(not_yet_noted(files, *reader) == 0);
    CHECK(reader->leaf(4).value() == bytes("4"));
    CHECK(reader->leaf(5).error().code == ErrorCode::not_found);
    for (std::uint64_t i = 0; i < 5; ++i)
        CHECK(reader->detail(i).value() == bytes("sealed " + std::to_string(i)));
    CHECK(reader->detail(9).value() == std::nullopt);
    CHECK(reader->tile(0, 0).value() == bytes("tile"));
    CHECK(reader->tile(0, 1).error().code == ErrorCode::not_found);
    CHECK(reader->latest_checkpoint().value()->text == "third");

    std::vector<std::uint64_t> seen;
    const auto note = [&seen](std::uint64_t index) -> Status {
        seen.push_back(index);
        return index < 3 ? Status{} : fail(ErrorCode::io_failed);
    };
    CHECK(reader->visit_leaves(1, 3, [&](std::uint64_t i, BytesView) { return note(i); }));
    CHECK(seen == std::vector<std::uint64_t>{1, 2});
    const auto stopped =
        reader->visit_leaves(2, 5, [&](std::uint64_t i, BytesView) { return note(i); });
    CHECK(stopped.error().code == ErrorCode::io_failed);
    CHECK(seen == std::vector<std::uint64_t>{1, 2, 2, 3});
    seen.clear();
    CHECK(reader->visit_tokens(0, 3, [&](std::uint64_t i, BytesView leaf, BytesView token) {
        CHECK(as_text(leaf) == std::to_string(i));
        CHECK(as_text(token) == "token");
        return note(i);
    }));
    CHECK(seen == std::vector<std::uint64_t>{0, 2});
    std::vector<std::string> texts;
    const auto keep = [&texts](const StoredCheckpoint& stored) -> Status {
        texts.push_back(stored.text);
        return {};
    };
    CHECK(reader->visit_checkpoints(-1, 1, keep));
    CHECK(reader->visit_checkpoints(10, 9, keep));
    CHECK(texts == std::vector<std::string>{"second", "third"});
}

TEST_CASE("what was added without commit is gone, and taken up at the next start") {
    Files files;
    const Rows rows(3);
    {
        auto store = LogStore::create(files.log(), kKey);
        REQUIRE(store);
        REQUIRE(store->take_up(0, OldRecords::refused, kNothingExpected));
        REQUIRE(store->accept("now"));
        std::vector<Place> places;
        REQUIRE(store->append(rows.views(), places));
        auto first = store->begin();
        REQUIRE(first);
        REQUIRE(store->add(rows.views()[0], places[0]));
        REQUIRE(first->commit());
        auto second = store->begin();
        REQUIRE(second);
        REQUIRE(store->add(rows.views()[1], places[1]));
        REQUIRE(store->add(rows.views()[2], places[2]));
    }
    auto store = LogStore::open(files.log(), kKey);
    REQUIRE(store);
    auto database = Database::open(log_database(files.log(), true));
    REQUIRE(database);
    auto reader = LogReader::prepare(*database);
    REQUIRE(reader);
    CHECK(reader->next_index() == 1);
    CHECK(not_yet_noted(files, *reader) == 2);
    CHECK(reader->detail(0).value() == bytes("sealed 0"));

    auto transaction = store->begin();
    REQUIRE(transaction);
    std::vector<std::uint64_t> taken;
    REQUIRE(store->take_up(1, OldRecords::refused, [&](const LogRow& row, Place place) {
        taken.push_back(row.index);
        CHECK(as_text(row.leaf) == std::to_string(row.index));
        return store->add(row, place);
    }));
    CHECK(taken == std::vector<std::uint64_t>{1, 2});
    REQUIRE(transaction->commit());
    CHECK(not_yet_noted(files, *reader) == 0);
    CHECK(reader->detail(2).value() == bytes("sealed 2"));
}

TEST_CASE("a log in which two files do not belong together is corrupt, one without any is new") {
    Files files;
    const Rows rows(3);
    {
        auto store = LogStore::create(files.log(), kKey);
        REQUIRE(store);
        REQUIRE(store->take_up(0, OldRecords::refused, kNothingExpected));
        REQUIRE(store->accept("now"));
        std::vector<Place> places;
        REQUIRE(store->append(rows.views(), places));
        auto transaction = store->begin();
        REQUIRE(transaction);
        for (std::size_t i = 0; i < 3; ++i)
            REQUIRE(store->add(rows.views()[i], places[i]));
        REQUIRE(transaction->commit());
    }
    std::uint64_t covered = 3;
    const auto taken_up = [&](std::string_view sql) {
        auto database = Database::open(log_database(files.log(), false));
        REQUIRE(database);
        REQUIRE(database->execute(sql));
        auto store = LogStore::open(files.log(), kKey);
        REQUIRE(store);
        return store->take_up(covered, OldRecords::refused,
                              [](const LogRow&, Place) { return Status{}; });
    };
    // Rows that a checkpoint covers are held against their record only at the end, others all.
    covered = 3;
    CHECK(taken_up("UPDATE entry SET size=-size WHERE idx=2"));  // erased
    CHECK(taken_up("UPDATE entry SET size=-size WHERE idx=2"));
    CHECK(taken_up("UPDATE entry SET at=at+1 WHERE idx=1"));
    covered = 1;
    CHECK(taken_up("UPDATE entry SET at=at WHERE idx=1").error().detail.contains("entry 1"));
    CHECK(taken_up("UPDATE entry SET at=at-1 WHERE idx=1"));
    for (const char* sql :
         {"UPDATE entry SET leaf='x' WHERE idx=1", "UPDATE entry SET token='x' WHERE idx=1",
          "UPDATE entry SET size=size+1 WHERE idx=1", "UPDATE entry SET at=at+1 WHERE idx=1",
          "UPDATE entry SET leaf='x' WHERE idx=2", "UPDATE entry SET token='x' WHERE idx=2",
          "UPDATE entry SET token=NULL WHERE idx=2", "UPDATE entry SET at=at+1 WHERE idx=2",
          "UPDATE entry SET size=size+1 WHERE idx=2", "UPDATE entry SET idx=7 WHERE idx=2"}) {
        CAPTURE(sql);
        {
            auto database = Database::open(log_database(files.log(), false));
            REQUIRE(database);
            REQUIRE(database->execute("CREATE TABLE kept AS SELECT * FROM entry"));
        }
        CHECK(taken_up(sql).error().code == ErrorCode::corrupt);
        CHECK(taken_up("DELETE FROM entry; INSERT INTO entry SELECT * FROM kept; DROP TABLE kept"));
    }
    covered = 3;
    CHECK(taken_up("UPDATE entry SET at=at+1000000 WHERE idx=2").error().code ==
          ErrorCode::corrupt);
    CHECK(taken_up("UPDATE entry SET at=-at WHERE idx=2").error().code == ErrorCode::corrupt);
    covered = 0;
    CHECK(taken_up("DELETE FROM entry"));
    CHECK(taken_up("INSERT INTO entry(idx, leaf) VALUES (-3, x'00')").error().code ==
          ErrorCode::corrupt);
}

TEST_CASE("settling says when somebody else is at it") {
    Files files;
    auto store = LogStore::create(files.log(), kKey);
    REQUIRE(store);
    REQUIRE(store->take_up(0, OldRecords::refused, kNothingExpected));
    REQUIRE(store->accept("now"));
    REQUIRE(store->put_checkpoint(10, 0, "text"));
    CHECK(store->settle() == true);
    REQUIRE(store->put_checkpoint(11, 0, "text"));
    // Another process holds the lock of whoever moves the write-ahead log.
    int held[2];
    int release[2];
    REQUIRE(::pipe(held) == 0);
    REQUIRE(::pipe(release) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(release[1]);
        const int shm = ::open((files.log().string() + "-shm").c_str(), O_RDWR);
        struct flock lock{};
        lock.l_type = F_WRLCK;
        lock.l_whence = SEEK_SET;
        lock.l_start = 121;  // WAL_CKPT_LOCK of SQLite's wal-index
        lock.l_len = 1;
        char byte = ::fcntl(shm, F_SETLK, &lock) == 0 ? 'y' : 'n';
        if (::write(held[1], &byte, 1) != 1) ::_exit(1);
        ::_exit(::read(release[0], &byte, 1) == 0 ? 0 : 1);
    }
    char locked = 0;
    REQUIRE(::read(held[0], &locked, 1) == 1);
    REQUIRE(locked == 'y');
    CHECK(store->settle() == false);
    for (const int end : {held[0], held[1], release[0], release[1]})
        ::close(end);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(store->settle() == true);
}

TEST_CASE("a settled log.db is whole without its write-ahead log") {
    const Files files;
    auto store = LogStore::create(files.log(), kKey);
    REQUIRE(store);
    REQUIRE(store->take_up(0, OldRecords::refused, kNothingExpected));
    REQUIRE(store->accept("now"));
    REQUIRE(store->put_checkpoint(10, 0, "the last word"));
    REQUIRE(store->settle() == true);
    const Files elsewhere;
    std::filesystem::copy_file(files.log(), elsewhere.log());
    auto database = Database::open(log_database(elsewhere.log(), false));
    REQUIRE(database);
    auto reader = LogReader::prepare(*database);
    REQUIRE(reader);
    const auto last = reader->latest_checkpoint();
    REQUIRE(last);
    REQUIRE(*last);
    CHECK((*last)->text == "the last word");
}

TEST_CASE("log.db has room for entries to come") {
    Files files;
    auto store = LogStore::create(files.log(), kKey);
    REQUIRE(store);
    REQUIRE(store->put_checkpoint(10, 0, "text"));
    REQUIRE(store->settle() == true);
    CHECK(std::filesystem::file_size(files.log()) == bounds::kLogDatabaseStepBytes);
}

TEST_CASE("tile ids grow in the order in which tiles become full, and never collide") {
    std::set<std::int64_t> seen;
    std::int64_t last = 0;
    for (std::uint64_t n = 0; n < 70'000; ++n) {  // level-0 tiles, and what each completes
        for (int level = 0; level < 8; ++level) {
            const auto group = std::uint64_t{1} << (8 * level);
            if (level > 0 && (n + 1) % group != 0) break;
            const auto id = tile_id(level, (n + 1) / group - 1);
            REQUIRE(id > last);
            last = id;
            REQUIRE(seen.insert(id).second);
        }
    }
    CHECK(tile_id(0, (std::uint64_t{1} << 56) - 1) > 0);
}
