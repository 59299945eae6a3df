#include "gateway/storage/schema.h"

#include <utility>

namespace shikaku::storage {

namespace {

Result<std::int64_t> number(Database& database, std::string_view sql) {
    auto statement = database.prepare(sql);
    if (!statement) return fail(std::move(statement.error()));
    auto row = statement->step();
    if (!row) return fail(std::move(row.error()));
    return *row ? statement->integer(0) : 0;
}

int newest(const DatabaseOptions& options) {
    return options.migrations.empty() ? 0 : options.migrations.back().version;
}

// A new file, or one whose creation was cut short before the first migration.
Result<bool> is_blank(Database& database) {
    auto objects = number(database, "SELECT count(*) FROM sqlite_schema");
    if (!objects) return fail(std::move(objects.error()));
    auto version = number(database, "PRAGMA user_version");
    if (!version) return fail(std::move(version.error()));
    return *objects == 0 && *version == 0;
}

Status check_owner(Database& database, const DatabaseOptions& options) {
    auto stored = number(database, "PRAGMA application_id");
    if (!stored) return fail(std::move(stored.error()));
    const auto id = static_cast<std::uint32_t>(*stored);
    if (id == options.application_id) return {};
    auto blank = is_blank(database);
    if (!blank) return fail(std::move(blank.error()));
    if (id == 0 && *blank && (!options.read_only || options.any_version)) return {};
    return fail(ErrorCode::corrupt, "the file belongs to another program or purpose");
}

Status take_ownership(Database& database, const DatabaseOptions& options) {
    SHIKAKU_TRY(database.execute("PRAGMA journal_mode=WAL"));
    auto stored = number(database, "PRAGMA application_id");
    if (!stored) return fail(std::move(stored.error()));
    const auto id = static_cast<std::int32_t>(options.application_id);
    if (*stored == id) return {};
    return database.execute("PRAGMA application_id=" + std::to_string(id));
}

Status migrate(Database& database, const Migration& migration) {
    auto transaction = Transaction::begin(database);
    if (!transaction) return fail(std::move(transaction.error()));
    // Another process may have been faster.
    auto version = number(database, "PRAGMA user_version");
    if (!version) return fail(std::move(version.error()));
    if (*version >= migration.version) return {};
    SHIKAKU_TRY(database.execute(migration.sql));
    SHIKAKU_TRY(database.execute("PRAGMA user_version=" + std::to_string(migration.version)));
    return transaction->commit();
}

}  // namespace

Status prepare_schema(Database& database, const DatabaseOptions& options) {
    SHIKAKU_TRY(check_owner(database, options));
    auto version = number(database, "PRAGMA user_version");
    if (!version) return fail(std::move(version.error()));
    if (*version > newest(options))
        return fail(ErrorCode::storage_unavailable, "schema version " + std::to_string(*version) +
                                                        " is newer than this program knows (" +
                                                        std::to_string(newest(options)) + ")");
    if (options.read_only) {
        if (options.any_version || *version == newest(options)) return {};
        return fail(ErrorCode::storage_unavailable, "schema version " + std::to_string(*version) +
                                                        " must be migrated before it can be read");
    }
    SHIKAKU_TRY(take_ownership(database, options));
    for (const auto& migration : options.migrations)
        if (migration.version > *version) SHIKAKU_TRY(migrate(database, migration));
    return {};
}

}  // namespace shikaku::storage
