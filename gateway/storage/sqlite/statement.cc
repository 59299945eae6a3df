#include <sqlite3.h>

#include <utility>

#include "gateway/storage/sqlite/database.h"
#include "gateway/storage/sqlite/sqlite_error.h"

namespace shikaku::storage {

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      bind_error_(std::exchange(other.bind_error_, SQLITE_OK)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    std::swap(bind_error_, other.bind_error_);
    return *this;
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

void Statement::note_bind(int code) {
    if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::bind(int position, std::int64_t value) {
    note_bind(sqlite3_bind_int64(statement_, position, value));
}

// SQLite reads a null pointer as NULL, so empty values get a pointer to something.
void Statement::bind(int position, std::string_view text) {
    note_bind(sqlite3_bind_text64(statement_, position, text.empty() ? "" : text.data(),
                                  text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int position, BytesView blob) {
    const void* data = blob.empty() ? static_cast<const void*>("") : blob.data();
    note_bind(sqlite3_bind_blob64(statement_, position, data, blob.size(), SQLITE_STATIC));
}

void Statement::bind_null(int position) {
    note_bind(sqlite3_bind_null(statement_, position));
}

Result<bool> Statement::step() {
    if (bind_error_ != SQLITE_OK) {
        const int code = bind_error_;
        reset();
        return fail(sqlite_error(code, sqlite3_errstr(code)));
    }
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    auto error = sqlite_error(sqlite3_db_handle(statement_), code);
    reset();
    return fail(std::move(error));
}

Status Statement::run() {
    while (true) {
        SHIKAKU_TRY_LET(auto row, step());
        if (!row) break;
    }
    reset();
    return {};
}

void Statement::reset() {
    bind_error_ = SQLITE_OK;
    sqlite3_reset(statement_);  // repeats the error of the last step, which was reported there
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

BytesView Statement::blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace shikaku::storage
