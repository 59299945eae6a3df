#include "gateway/storage/log_store.h"

#include <utility>

#include "gateway/storage/log_schema.h"

namespace shikaku::storage {

namespace {

// Pages move from the WAL into the file in steps of 2 MiB: what is written stays in the processor's
// cache, and an entry waits no longer than such a step takes (5 ms at the 99.9th percentile; 55 ms
// with steps of 32 MiB).
constexpr std::string_view kWalPages = "PRAGMA wal_autocheckpoint=250";

}  // namespace

Result<LogStore> LogStore::open(const std::filesystem::path& file) {
    auto lock_file = file;
    lock_file += ".lock";
    auto lock = FileLock::take(lock_file);
    if (!lock) return fail(std::move(lock.error()));
    auto database = Database::open(log_database(file, false));
    if (!database) return fail(std::move(database.error()));
    SHIKAKU_TRY(database->execute(kWalPages));
    LogStore store(std::move(*lock), std::move(*database));
    const std::pair<Statement*, std::string_view> statements[] = {
        {&store.add_entry_, "INSERT INTO entry(idx, leaf, token) VALUES (?, ?, ?)"},
        {&store.add_detail_, "INSERT INTO detail(idx, sealed) VALUES (?, ?)"},
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

Status LogStore::add(const LogRow& row) {
    const auto index = static_cast<std::int64_t>(row.index);
    add_entry_.bind(1, index);
    add_entry_.bind(2, row.leaf);
    if (row.token.empty()) {
        add_entry_.bind_null(3);
    } else {
        add_entry_.bind(3, row.token);
    }
    SHIKAKU_TRY(add_entry_.run());
    add_detail_.bind(1, index);
    add_detail_.bind(2, row.sealed);
    return add_detail_.run();
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

}  // namespace shikaku::storage
