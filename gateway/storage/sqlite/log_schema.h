// The tables of log.db (gateway/docs/audit-format.md). Everything is appended in rowid order and
// no secondary index takes a question's entry: an insert costs what it must. The details lie in
// log.entries, at `at`; `size` is negative when the detail was erased. Table `detail` has those of
// entries that were written before there was such a file.
#pragma once

#include <array>
#include <cstdint>

#include "gateway/storage/sqlite/key_check.h"

namespace shikaku::storage {

inline constexpr std::uint32_t kLogApplicationId = 0x53484c47;  // "SHLG"

// tile.id orders tiles by the moment they become full: the number of 256-leaf groups under and
// before the tile, times 8, plus its level.
inline constexpr std::array<Migration, 5> kLogMigrations = {Migration{1, R"sql(
CREATE TABLE entry(idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, token BLOB);
CREATE TABLE detail(idx INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE tile(id INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
CREATE TABLE checkpoint(minute INTEGER PRIMARY KEY, size INTEGER NOT NULL, text TEXT NOT NULL);
)sql"},
                                                            Migration{2, R"sql(
ALTER TABLE entry ADD COLUMN at INTEGER;
ALTER TABLE entry ADD COLUMN size INTEGER;
)sql"},
                                                            Migration{3, R"sql(
-- What changes the registry, starts and stops: a handful among the questions. The kind is the
-- tenth byte of a leaf of any version; an entry of another kind costs this index nothing.
CREATE INDEX entry_change ON entry(idx) WHERE substr(leaf, 10, 1) IN (x'04', x'05', x'09', x'0a');
)sql"},
                                                            Migration{4, kKeyCheckTable},
                                                            Migration{5, R"sql(
-- The same, said so that SQLite does not build a table of the four kinds for every entry (5 us).
DROP INDEX entry_change;
CREATE INDEX entry_change ON entry(idx) WHERE instr(x'0405090a', substr(leaf, 10, 1)) > 0;
)sql"}};

[[nodiscard]] constexpr std::int64_t tile_id(int level, std::uint64_t n) {
    return static_cast<std::int64_t>(((n + 1) << (8 * level)) * 8) + level;
}

// A full tile is 8 KiB.
inline constexpr int kLogPageBytes = 8192;

// log.db -> log.entries
[[nodiscard]] inline std::filesystem::path entries_of(std::filesystem::path database) {
    return database.replace_extension(".entries");
}

[[nodiscard]] inline DatabaseOptions log_database(std::filesystem::path file, bool read_only) {
    return {.file = std::move(file),
            .application_id = kLogApplicationId,
            .migrations = kLogMigrations,
            .read_only = read_only,
            .durable = false,  // what counts is in log.entries
            .page_bytes = kLogPageBytes};
}

}  // namespace shikaku::storage
