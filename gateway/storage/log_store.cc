#include "gateway/storage/log_store.h"

#include <utility>

#include "gateway/storage/log_schema.h"

namespace shikaku::storage {

namespace {

// settle() moves pages from the WAL into the file: SQLite's own checkpoints would keep a failure to
// themselves.
constexpr std::string_view kWalPages = "PRAGMA wal_autocheckpoint=0";

}  // namespace

Result<LogStore> LogStore::open(const std::filesystem::path& file) {
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
    return open_files(file);
}

Result<LogStore> LogStore::create(const std::filesystem::path& file) {
    return open_files(file);
}

Result<LogStore> LogStore::open_files(const std::filesystem::path& file) {
    auto lock_file = file;
    lock_file += ".lock";
    auto lock = FileLock::take(lock_file);
    if (!lock) return fail(std::move(lock.error()));
    auto database = Database::open(log_database(file, false));
    if (!database) return fail(std::move(database.error()));
    SHIKAKU_TRY(database->execute(kWalPages));
    auto entries = EntryFile::open(entries_of(file));
    if (!entries) return fail(std::move(entries.error()));
    LogStore store(std::move(*lock), std::move(*database), std::move(*entries));
    const std::pair<Statement*, std::string_view> statements[] = {
        {&store.add_entry_, "INSERT INTO entry(idx, leaf, token, at, size) VALUES (?, ?, ?, ?, ?)"},
        {&store.add_tile_, "INSERT INTO tile(id, hashes) VALUES (?, ?)"},
        {&store.put_checkpoint_,
         "INSERT OR REPLACE INTO checkpoint(minute, size, text) VALUES (?, ?, ?)"},
    };
    for (const auto& [statement, sql] : statements) {
        auto prepared = store.database_.prepare(sql);
        if (!prepared) return fail(std::move(prepared.error()));
        *statement = std::move(*prepared);
    }
    return store;
}

Status LogStore::take_up(const EntryVisitor& visit) {
    auto last = database_.prepare(
        "SELECT idx, at, abs(size), leaf, token FROM entry ORDER BY idx DESC LIMIT 1");
    if (!last) return fail(std::move(last.error()));
    const auto row = last->step();
    if (!row) return fail(row.error());
    if (!*row) return entries_.take_up(0, 0, visit);
    const auto index = static_cast<std::uint64_t>(last->integer(0));
    const auto size = last->integer(2);
    if (last->integer(0) < 0 || last->integer(1) < 0 || size < 0 || size > kRecordBytesMax)
        return fail(ErrorCode::corrupt, "log.db's last entry has no possible index or place");
    const bool older = last->is_null(1);  // than log.entries
    if (older) return entries_.take_up(0, index + 1, visit);
    const Place place{.at = static_cast<std::uint64_t>(last->integer(1)),
                      .size = static_cast<std::uint32_t>(size)};
    const LogRow noted{.index = index, .leaf = last->blob(3), .token = last->blob(4), .sealed = {}};
    SHIKAKU_TRY(entries_.expect(noted, place));
    last->reset();  // what is taken up is written through the same connection
    return entries_.take_up(place.end(), index + 1, visit);
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

Status LogStore::settle() {
    return database_.execute("PRAGMA wal_checkpoint(PASSIVE)");
}

}  // namespace shikaku::storage
