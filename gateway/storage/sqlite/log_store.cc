#include "gateway/storage/sqlite/log_store.h"

#include <algorithm>
#include <utility>

#include "gateway/storage/sqlite/log_schema.h"
#include "gateway/support/bounds.h"

namespace shikaku::storage {

namespace {

// settle() moves pages from the WAL into the file: SQLite's own checkpoints would keep a failure to
// themselves.
constexpr std::string_view kWalPages = "PRAGMA wal_autocheckpoint=0";

}  // namespace

Result<LogStore> LogStore::open(const std::filesystem::path& file, RecordKey key) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        const bool entries = std::filesystem::exists(entries_of(file), error);
        return fail(
            entries ? ErrorCode::corrupt : ErrorCode::not_found,
            file.string() +
                (entries ? ": log.entries はあるのに log.db がありません。バックアップから"
                           "戻してください / is missing beside its log.entries: restore "
                           "log.db and log.entries from one backup"
                         : ": ここにログがありません。ボリュームは載っていますか。新しい設置"
                           "なら shikaku init / there is no log here. Is the data "
                           "directory's volume mounted? For a new installation: shikaku "
                           "init; when the log is lost: shikaku continue-log"));
    }
    return open_files(file, std::move(key));
}

Result<LogStore> LogStore::create(const std::filesystem::path& file, RecordKey key) {
    return open_files(file, std::move(key));
}

Result<LogStore> LogStore::open_files(const std::filesystem::path& file, RecordKey key) {
    auto lock_file = file;
    lock_file += ".lock";
    SHIKAKU_TRY_LET(auto lock, FileLock::take(lock_file));
    SHIKAKU_TRY_LET(auto database, Database::open(log_database(file, false)));
    SHIKAKU_TRY(database.execute(kWalPages));
    database.grow_by(bounds::kLogDatabaseStepBytes);
    SHIKAKU_TRY_LET(auto entries, EntryFile::open(entries_of(file), std::move(key)));
    LogStore store(std::move(lock), std::move(database), std::move(entries));
    const std::pair<Statement*, std::string_view> statements[] = {
        {&store.add_entry_, "INSERT INTO entry(idx, leaf, token, at, size) VALUES (?, ?, ?, ?, ?)"},
        {&store.add_tile_, "INSERT INTO tile(id, hashes) VALUES (?, ?)"},
        {&store.put_checkpoint_,
         "INSERT OR REPLACE INTO checkpoint(minute, size, text) VALUES (?, ?, ?)"},
    };
    for (const auto& [statement, sql] : statements) {
        SHIKAKU_TRY_LET(auto prepared, store.database_.prepare(sql));
        *statement = std::move(prepared);
    }
    return store;
}

Status LogStore::expect_keys(const std::filesystem::path& file, const KeyUse& use) {
    SHIKAKU_TRY_LET(auto notes, compare_keys(database_, file, use));
    keys_ = std::move(notes);
    return {};
}

Status LogStore::accept(std::string_view now) {
    SHIKAKU_TRY(entries_.accept(now));
    return note_keys(database_, keys_);
}

Result<std::uint64_t> LogStore::next_index() {
    SHIKAKU_TRY_LET(auto last, database_.prepare("SELECT max(idx) FROM entry"));
    SHIKAKU_TRY_LET(const auto row, last.step());
    if (!row || last.is_null(0)) return 0;
    if (last.integer(0) < 0) return fail(ErrorCode::corrupt, "log.db has a negative entry index");
    return static_cast<std::uint64_t>(last.integer(0)) + 1;
}

// Behind the last entry that a checkpoint covers. Entries of before there was a log.entries have no
// place; the first that has one, or the next, begins the file.
Result<Expected> LogStore::first_to_read(std::uint64_t covered, std::uint64_t end) {
    if (covered > 0) {
        SHIKAKU_TRY_LET(auto last, database_.prepare(
                                       "SELECT at, abs(size), leaf, token FROM entry WHERE idx=?"));
        last.bind(1, static_cast<std::int64_t>(covered - 1));
        SHIKAKU_TRY_LET(const auto row, last.step());
        if (!row) return fail(ErrorCode::corrupt, "log.db lacks an entry that was signed");
        if (!last.is_null(0)) {
            if (last.integer(0) < 0 || last.integer(1) < 0 || last.integer(1) > kRecordBytesMax)
                return fail(ErrorCode::corrupt, "log.db's entry " + std::to_string(covered - 1) +
                                                    " has no possible place in log.entries");
            const Place place{.at = static_cast<std::uint64_t>(last.integer(0)),
                              .size = static_cast<std::uint32_t>(last.integer(1))};
            return entries_.behind(
                {.index = covered - 1, .leaf = last.blob(2), .token = last.blob(3), .sealed = {}},
                place);
        }
    }
    SHIKAKU_TRY_LET(auto first, database_.prepare(
                                    "SELECT min(idx) FROM entry WHERE idx>=? AND at IS NOT NULL"));
    first.bind(1, static_cast<std::int64_t>(covered));
    SHIKAKU_TRY_LET(const auto row, first.step());
    const bool none = !row || first.is_null(0);
    return Expected{.index = none ? end : static_cast<std::uint64_t>(first.integer(0))};
}

Status LogStore::take_up(std::uint64_t covered, OldRecords old, const EntryVisitor& visit) {
    SHIKAKU_TRY_LET(const auto noted, next_index());
    SHIKAKU_TRY_LET(const auto from, first_to_read(covered, noted));
    SHIKAKU_TRY_LET(auto row_of,
                    database_.prepare("SELECT leaf, token, at, abs(size) FROM entry WHERE idx=?"));
    std::uint64_t next = from.index;
    const auto compare = [&](const LogRow& row, Place place) -> Status {
        const ResetOnExit reset(row_of);
        row_of.bind(1, static_cast<std::int64_t>(row.index));
        SHIKAKU_TRY_LET(const auto found, row_of.step());
        if (found && std::ranges::equal(row_of.blob(0), row.leaf) &&
            std::ranges::equal(row_of.blob(1), row.token) &&
            row_of.integer(2) == static_cast<std::int64_t>(place.at) &&
            row_of.integer(3) == static_cast<std::int64_t>(place.size))
            return {};
        return fail(ErrorCode::corrupt, "entry " + std::to_string(row.index) +
                                            " of log.db is not the one of log.entries");
    };
    SHIKAKU_TRY(entries_.take_up(from, old, [&](const LogRow& row, Place place) -> Status {
        next = row.index + 1;
        return row.index < noted ? compare(row, place) : visit(row, place);
    }));
    if (next >= noted) return {};
    return fail(ErrorCode::corrupt, "log.entries ends before entry " + std::to_string(next) +
                                        ", which log.db has noted");
}

Status LogStore::add(const LogRow& row, Place place) {
    add_entry_.bind(1, static_cast<std::int64_t>(row.index));
    add_entry_.bind(2, row.leaf);
    if (row.token.empty()) {
        add_entry_.bind_null(3);
    } else {
        add_entry_.bind(3, row.token);
    }
    add_entry_.bind(4, static_cast<std::int64_t>(place.at));
    add_entry_.bind(5, static_cast<std::int64_t>(place.size));
    return add_entry_.run();
}

Result<std::optional<LogStore::TokenFound>> LogStore::find_token(std::uint64_t first,
                                                                 BytesView key) {
    SHIKAKU_TRY_LET(auto find,
                    database_.prepare("SELECT idx, token FROM entry WHERE idx>=? AND "
                                      "substr(token, 1, ?)=? ORDER BY idx DESC LIMIT 1"));
    find.bind(1, static_cast<std::int64_t>(first));
    find.bind(2, static_cast<std::int64_t>(key.size()));
    find.bind(3, key);
    SHIKAKU_TRY_LET(const bool found, find.step());
    if (!found) return std::nullopt;
    const BytesView token = find.blob(1);
    return TokenFound{.index = static_cast<std::uint64_t>(find.integer(0)),
                      .token = {token.begin(), token.end()}};
}

Status LogStore::add_tile(int level, std::uint64_t n, BytesView hashes) {
    add_tile_.bind(1, tile_id(level, n));
    add_tile_.bind(2, hashes);
    return add_tile_.run();
}

Status LogStore::put_checkpoint(std::int64_t minute, std::uint64_t size, std::string_view text) {
    put_checkpoint_.bind(1, minute);
    put_checkpoint_.bind(2, static_cast<std::int64_t>(size));
    put_checkpoint_.bind(3, text);
    return put_checkpoint_.run();
}

Result<bool> LogStore::settle() {
    SHIKAKU_TRY_LET(auto move, database_.prepare("PRAGMA wal_checkpoint(PASSIVE)"));
    SHIKAKU_TRY_LET(const auto row, move.step());
    return row && move.integer(0) == 0;
}

}  // namespace shikaku::storage
