// What a file must be before it is used: ours, not newer than the program, migrated. Private to
// gateway/storage.
#pragma once

#include "gateway/storage/sqlite/database.h"

namespace shikaku::storage {

// Refuses files of others (corrupt) and newer ones (storage_unavailable), gives a new file its
// application id and WAL mode, and runs what migrations are missing. A read-only connection takes
// the file only at exactly the program's version.
[[nodiscard]] Status prepare_schema(Database& database, const DatabaseOptions& options);

}  // namespace shikaku::storage
