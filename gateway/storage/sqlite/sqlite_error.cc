#include "gateway/storage/sqlite/sqlite_error.h"

#include <sqlite3.h>

namespace shikaku::storage {

namespace {

ErrorCode error_code(int sqlite_code) {
    if (sqlite_code == SQLITE_IOERR_DATA) return ErrorCode::corrupt;  // checked_pages.h
    switch (sqlite_code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorCode::corrupt;
        case SQLITE_CONSTRAINT:
            return ErrorCode::conflict;
        case SQLITE_FULL:
            return ErrorCode::storage_full;
        default:
            return ErrorCode::storage_unavailable;
    }
}

}  // namespace

Error sqlite_error(int code, const char* message) {
    return {error_code(code), "SQLite " + std::to_string(code) + ": " + message};
}

Error sqlite_error(sqlite3* db, int code) {
    if (!db) return sqlite_error(code, sqlite3_errstr(code));
    return sqlite_error(sqlite3_extended_errcode(db), sqlite3_errmsg(db));
}

}  // namespace shikaku::storage
