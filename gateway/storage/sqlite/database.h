// SQLite behind RAII: connections, statements, transactions, migrations. The only place, with the
// stores built on it, that sees SQL.
//
// A Database is one connection for one thread at a time. Files are WAL; `durable` connections use
// synchronous=FULL (a commit survives power loss), others NORMAL. Every file carries our
// application id and a schema version; a file of another program or newer than the program is
// refused, an older one is migrated, each migration in one transaction. A read-only connection
// never migrates. Errors: storage_unavailable, corrupt, conflict (a constraint); details hold
// SQLite's words without bound values. Statements must not outlive their Database's last use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace shikaku::storage {

struct Migration {
    int version;  // 1, 2, 3, ...
    std::string_view sql;
};

struct DatabaseOptions {
    std::filesystem::path file;
    std::uint32_t application_id = 0;
    std::span<const Migration> migrations;
    bool read_only = false;
    bool any_version = false;  // with read_only: an older file, or an empty one, is taken as it is
    bool durable = true;
    bool page_checksums = false;  // checked_pages.h; a file of before is rewritten
    int page_bytes = 4096;        // of a file that is created now
    int cache_kib = 2048;
    std::int64_t mmap_bytes = 0;
};

// A prepared statement. Bind, step, read, reset; blobs read are valid until the next step or reset.
// A failed bind is reported by the next step() or run(), which then does not touch the database.
class Statement {
  public:
    Statement() = default;
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    void bind(int position, std::int64_t value);     // 1-based, as SQLite counts
    void bind(int position, std::string_view text);  // not copied: must live until reset
    void bind(int position, BytesView blob);         // not copied
    void bind_null(int position);
    // True: a row is there. False: done. After an error the statement is reset.
    [[nodiscard]] Result<bool> step();
    [[nodiscard]] Status run();  // step to the end, then reset
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const;  // 0-based
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] BytesView blob(int column) const;
    [[nodiscard]] bool is_null(int column) const;

  private:
    friend class Database;
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    void note_bind(int code);
    sqlite3_stmt* statement_ = nullptr;
    int bind_error_ = 0;
};

// Resets a statement at the end of a scope: a SELECT that is not reset keeps its read transaction
// and with it the WAL.
class ResetOnExit {
  public:
    explicit ResetOnExit(Statement& statement) : statement_(statement) {}
    ResetOnExit(const ResetOnExit&) = delete;
    ResetOnExit& operator=(const ResetOnExit&) = delete;
    ~ResetOnExit() { statement_.reset(); }

  private:
    Statement& statement_;
};

class Database {
  public:
    [[nodiscard]] static Result<Database> open(const DatabaseOptions& options);
    Database(Database&& other) noexcept;
    Database& operator=(Database&& other) noexcept;
    ~Database();

    [[nodiscard]] Result<Statement> prepare(std::string_view sql);  // exactly one statement
    [[nodiscard]] Status execute(std::string_view sql);             // any number
    [[nodiscard]] Result<bool> has_table(std::string_view name);  // one of an older version may not
    [[nodiscard]] std::int64_t changes() const;  // rows changed by the last statement
    [[nodiscard]] sqlite3* native() const { return db_; }
    // The file grows in steps, room for each had at once: what is written within finds it.
    void grow_by(int bytes);
    // As it was named when it was opened: what lies beside it lies beside that name.
    [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  private:
    friend class Transaction;
    Database(sqlite3* db, std::filesystem::path file) : db_(db), file_(std::move(file)) {}
    [[nodiscard]] Status run_cached(Statement& cached, std::string_view sql);

    sqlite3* db_ = nullptr;
    std::filesystem::path file_;
    Statement begin_, commit_;
};

// BEGIN IMMEDIATE ... COMMIT; rolls back when destroyed uncommitted or when the commit fails.
class Transaction {
  public:
    [[nodiscard]] static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    [[nodiscard]] Status commit();

  private:
    explicit Transaction(Database& database) : database_(&database) {}
    void roll_back();
    Database* database_;
};

// One read-only connection (with its prepared statements in T) for each thread that asks. T is
// built from a Database&. T's of ended threads are kept for the next thread.
template <class T>
class PerThread;  // see per_thread.h

}  // namespace shikaku::storage
