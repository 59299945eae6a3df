#include "gateway/storage/log_store.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "gateway/storage/log_reader.h"
#include "gateway/storage/log_schema.h"

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
    auto store = LogStore::open(files.log());
    REQUIRE(store);
    CHECK(LogStore::open(files.log()).error().code == ErrorCode::conflict);
    auto database = Database::open(log_database(files.log(), true));
    REQUIRE(database);
    auto reader = LogReader::prepare(*database);
    REQUIRE(reader);
    CHECK(reader->next_index() == 0);
    CHECK(reader->latest_checkpoint().value() == std::nullopt);

    auto transaction = store->begin();
    REQUIRE(transaction);
    for (std::uint64_t i = 0; i < 5; ++i) {
        const auto text = std::to_string(i);
        const LogRow row{.index = i,
                         .leaf = as_bytes(text),
                         .token = i % 2 == 0 ? as_bytes("token") : BytesView{},
                         .sealed = as_bytes("sealed")};
        REQUIRE(store->add(row));
    }
    CHECK(store->add({.index = 3, .leaf = {}, .token = {}, .sealed = {}}).error().code ==
          ErrorCode::conflict);
    REQUIRE(store->add_tile(0, 0, as_bytes("tile")));
    REQUIRE(store->put_checkpoint(10, 3, "first"));
    REQUIRE(store->put_checkpoint(10, 4, "second"));
    REQUIRE(store->put_checkpoint(11, 5, "third"));
    CHECK(reader->next_index() == 0);  // not committed yet
    REQUIRE(transaction->commit());

    CHECK(reader->next_index() == 5);
    CHECK(reader->leaf(4).value() == bytes("4"));
    CHECK(reader->leaf(5).error().code == ErrorCode::not_found);
    CHECK(reader->detail(2).value() == bytes("sealed"));
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
        reader->visit_details(2, 5, [&](std::uint64_t i, BytesView) { return note(i); });
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

TEST_CASE("what was written without commit is gone") {
    Files files;
    {
        auto store = LogStore::open(files.log());
        REQUIRE(store);
        auto transaction = store->begin();
        REQUIRE(transaction);
        REQUIRE(store->add({.index = 0, .leaf = as_bytes("x"), .token = {}, .sealed = {}}));
    }
    CHECK(LogStore::open(files.log()));
    auto database = Database::open(log_database(files.log(), true));
    REQUIRE(database);
    CHECK(LogReader::prepare(*database)->next_index() == 0);
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
