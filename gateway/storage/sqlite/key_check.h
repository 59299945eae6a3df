// The check values of keys (ports/key_use.h) in a table of the file that was written with them.
#pragma once

#include "gateway/storage/ports/key_use.h"
#include "gateway/storage/sqlite/database.h"

namespace shikaku::storage {

inline constexpr std::string_view kKeyCheckTable =
    "CREATE TABLE key_check(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";

// What is to be noted in the file: keys new to it, and those it needs no longer.
struct KeyNotes {
    std::map<std::string, Bytes, std::less<>> added;
    std::vector<std::string> retired;
};

// Changes nothing. bad_key: names the key and the file, and says what to do.
[[nodiscard]] Result<KeyNotes> compare_keys(Database& database, const std::filesystem::path& file,
                                            const KeyUse& use);
[[nodiscard]] Status note_keys(Database& database, const KeyNotes& notes);
// Both.
[[nodiscard]] Status expect_keys(Database& database, const std::filesystem::path& file,
                                 const KeyUse& use);

}  // namespace shikaku::storage
