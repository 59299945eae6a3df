#include "gateway/storage/sqlite/schema.h"

#include <utility>

namespace shikaku::storage {

namespace {

Result<std::int64_t> number(Database& database, std::string_view sql) {
    SHIKAKU_TRY_LET(auto statement, database.prepare(sql));
    SHIKAKU_TRY_LET(auto row, statement.step());
    return row ? statement.integer(0) : 0;
}

int newest(const DatabaseOptions& options) {
    return options.migrations.empty() ? 0 : options.migrations.back().version;
}

// A new file, or one whose creation was cut short before the first migration.
Result<bool> is_blank(Database& database) {
    SHIKAKU_TRY_LET(auto objects, number(database, "SELECT count(*) FROM sqlite_schema"));
    SHIKAKU_TRY_LET(auto version, number(database, "PRAGMA user_version"));
    return objects == 0 && version == 0;
}

Status check_owner(Database& database, const DatabaseOptions& options) {
    SHIKAKU_TRY_LET(auto stored, number(database, "PRAGMA application_id"));
    const auto id = static_cast<std::uint32_t>(stored);
    if (id == options.application_id) return {};
    SHIKAKU_TRY_LET(auto blank, is_blank(database));
    if (id == 0 && blank && (!options.read_only || options.any_version)) return {};
    return fail(ErrorCode::corrupt, "the file belongs to another program or purpose");
}

Status take_ownership(Database& database, const DatabaseOptions& options) {
    SHIKAKU_TRY(database.execute("PRAGMA journal_mode=WAL"));
    SHIKAKU_TRY_LET(auto stored, number(database, "PRAGMA application_id"));
    const auto id = static_cast<std::int32_t>(options.application_id);
    if (stored == id) return {};
    return database.execute("PRAGMA application_id=" + std::to_string(id));
}

Status migrate(Database& database, const Migration& migration) {
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(database));
    // Another process may have been faster.
    SHIKAKU_TRY_LET(auto version, number(database, "PRAGMA user_version"));
    if (version >= migration.version) return {};
    SHIKAKU_TRY(database.execute(migration.sql));
    SHIKAKU_TRY(database.execute("PRAGMA user_version=" + std::to_string(migration.version)));
    return transaction.commit();
}

}  // namespace

Status prepare_schema(Database& database, const DatabaseOptions& options) {
    SHIKAKU_TRY(check_owner(database, options));
    SHIKAKU_TRY_LET(auto version, number(database, "PRAGMA user_version"));
    if (version > newest(options))
        return fail(ErrorCode::storage_unavailable, "schema version " + std::to_string(version) +
                                                        " is newer than this program knows (" +
                                                        std::to_string(newest(options)) + ")");
    if (options.read_only) {
        if (options.any_version || version == newest(options)) return {};
        return fail(ErrorCode::storage_unavailable, "schema version " + std::to_string(version) +
                                                        " must be migrated before it can be read");
    }
    SHIKAKU_TRY(take_ownership(database, options));
    for (const auto& migration : options.migrations)
        if (migration.version > version) SHIKAKU_TRY(migrate(database, migration));
    return {};
}

}  // namespace shikaku::storage
