// SQLite's result codes as our errors. Private to this folder.
#pragma once

#include "gateway/support/result.h"

struct sqlite3;

namespace shikaku::storage {

[[nodiscard]] Error sqlite_error(int code, const char* message);
[[nodiscard]] Error sqlite_error(sqlite3* db, int code);  // with the connection's last message

}  // namespace shikaku::storage
