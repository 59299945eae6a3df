// What a log was when it was last written: read at start, before anything is accepted.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "gateway/audit/checkpoint.h"
#include "gateway/audit/tile_tree.h"
#include "gateway/storage/ports/log_storage.h"
#include "gateway/support/clock.h"

namespace shikaku::audit {

struct RestoredLog {
    TileTree tree;                               // of that checkpoint
    std::optional<SignedCheckpoint> checkpoint;  // none: a new log; may cover fewer entries
    std::int64_t minute = 0;                     // of that checkpoint's row
};

// The tree as of the last checkpoint is rebuilt from stored tiles and compared with it. Reads at
// most 255 tiles a level. corrupt: a difference, something missing, a signature by another key.
[[nodiscard]] Result<RestoredLog> restore_log(storage::LogStorage& storage, std::string_view vkey);

// The tree of the first `size` entries, from stored full tiles and the entries behind them.
[[nodiscard]] Result<TileTree> rebuild_tree(storage::LogStorage& storage, std::uint64_t size);

// Takes the tree on over the entries up to before `end`. Tiles that became full and are not stored
// are given to `unstored`; corrupt: one that is stored differs.
using UnstoredTiles = std::function<Status(const FullTile&)>;
[[nodiscard]] Status grow_tree(storage::LogStorage& storage, TileTree& tree, std::uint64_t end,
                               const UnstoredTiles& unstored);

[[nodiscard]] Result<Instant> time_of_entry(storage::LogStorage& storage, std::uint64_t index);
// Times never decrease along a log: the first entry of those before `end` that is not older.
[[nodiscard]] Result<std::uint64_t> first_entry_since(storage::LogStorage& storage,
                                                      std::uint64_t end, Instant since);

}  // namespace shikaku::audit
