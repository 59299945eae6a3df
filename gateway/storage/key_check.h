// Which keys a file was written with, kept in the file itself as check values (crypto/key_ring.h):
// another key ring finds nobody and opens nothing, and every question would be told "no record".
// Checked once, when the file is opened and before anything is read from it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gateway/storage/database.h"

namespace shikaku::storage {

inline constexpr std::string_view kKeyCheckTable =
    "CREATE TABLE key_check(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";

struct KeyUse {
    std::map<std::string, Bytes, std::less<>> ring;  // check values of all keys there are, by name
    std::vector<std::string> used;                   // what is written from now on needs these
    // Called when the file has no check values yet, because an earlier version made it: whether
    // what stands in it can be opened with this ring.
    std::function<Status()> proven = [] { return Status(); };
    // Called when the ring lacks a key the file was written with: whether it is still needed.
    std::function<Result<bool>(std::string_view name)> needed = [](std::string_view) {
        return Result<bool>(true);
    };
};

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

// For `proven`: what stands in the file cannot be opened.
[[nodiscard]] Error wrong_key(const std::filesystem::path& file, std::string_view name);

}  // namespace shikaku::storage
