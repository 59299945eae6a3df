#include "gateway/storage/sqlite/database.h"

#include <sqlite3.h>

#include <utility>

#include "gateway/storage/sqlite/checked_pages.h"
#include "gateway/storage/sqlite/schema.h"
#include "gateway/storage/sqlite/sqlite_error.h"
#include "gateway/storage/sqlite/vfs_file.h"

namespace shikaku::storage {

namespace {

constexpr int kBusyTimeoutMs = 5000;

std::string pragmas(const DatabaseOptions& options) {
    std::string sql =
        "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=OFF;"
        "PRAGMA temp_store=MEMORY;";
    if (!options.read_only) sql += "PRAGMA page_size=" + std::to_string(options.page_bytes) + ";";
    sql += "PRAGMA cache_size=-" + std::to_string(options.cache_kib) + ";";
    sql += "PRAGMA mmap_size=" + std::to_string(options.mmap_bytes) + ";";
    sql += options.durable ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=NORMAL;";
    return sql;
}

}  // namespace

Result<Database> Database::open(const DatabaseOptions& options) {
    if (!options.read_only) {
        SHIKAKU_TRY(create_if_missing(options.file));
        if (options.page_checksums) SHIKAKU_TRY(add_page_checksums(options.file));
    }
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    const int code = sqlite3_open_v2(options.file.c_str(), &raw, flags,
                                     options.page_checksums ? checked_pages_vfs() : nullptr);
    Database database(raw, options.file);  // closes also what failed to open
    const auto named = [&](Error error) {
        error.detail = options.file.string() + ": " + error.detail;
        return std::unexpected(std::move(error));
    };
    if (code != SQLITE_OK) return named(sqlite_error(raw, code));
    sqlite3_busy_timeout(raw, kBusyTimeoutMs);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    if (auto set = database.execute(pragmas(options)); !set) return named(set.error());
    if (options.page_checksums) {
        int reserved = kPageChecksumBytes;  // of a new file's pages; others have theirs
        sqlite3_file_control(raw, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    }
    if (auto ready = prepare_schema(database, options); !ready) return named(ready.error());
    return database;
}

Database::Database(Database&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)),
      file_(std::move(other.file_)),
      begin_(std::move(other.begin_)),
      commit_(std::move(other.commit_)) {}

Database& Database::operator=(Database&& other) noexcept {
    std::swap(db_, other.db_);
    std::swap(file_, other.file_);
    std::swap(begin_, other.begin_);
    std::swap(commit_, other.commit_);
    return *this;
}

Database::~Database() {
    sqlite3_close_v2(db_);
}  // waits for statements still alive

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, &rest);
    if (code != SQLITE_OK) return fail(sqlite_error(db_, code));
    Statement statement(raw);
    const std::string_view after(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
    if (!raw || after.find_first_not_of(" \t\r\n;") != std::string_view::npos)
        return fail(ErrorCode::internal, "not exactly one SQL statement");
    return statement;
}

Status Database::execute(std::string_view sql) {
    const std::string terminated(sql);
    const int code = sqlite3_exec(db_, terminated.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(sqlite_error(db_, code));
    return {};
}

Result<bool> Database::has_table(std::string_view name) {
    SHIKAKU_TRY_LET(auto found,
                    prepare("SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?"));
    found.bind(1, name);
    return found.step();
}

void Database::grow_by(int bytes) {
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_CHUNK_SIZE, &bytes);
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(db_);
}

Status Database::run_cached(Statement& cached, std::string_view sql) {
    if (!cached.statement_) {
        SHIKAKU_TRY_LET(auto prepared, prepare(sql));
        cached = std::move(prepared);
    }
    return cached.run();
}

Result<Transaction> Transaction::begin(Database& database) {
    SHIKAKU_TRY(database.run_cached(database.begin_, "BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    roll_back();
}

Status Transaction::commit() {
    if (!database_) return fail(ErrorCode::internal, "transaction already ended");
    auto committed = database_->run_cached(database_->commit_, "COMMIT");
    if (committed) {
        database_ = nullptr;
    } else {
        roll_back();
    }
    return committed;
}

void Transaction::roll_back() {
    if (!database_) return;
    sqlite3* db = std::exchange(database_, nullptr)->native();
    // Some errors have rolled back already; then this one says so and there is nothing to do.
    if (sqlite3_get_autocommit(db) == 0) sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace shikaku::storage
