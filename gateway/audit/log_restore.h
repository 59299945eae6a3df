// What a log was when it was last written: read at start, before anything is accepted.
#pragma once

#include <optional>
#include <string>

#include "gateway/audit/checkpoint.h"
#include "gateway/audit/tile_tree.h"
#include "gateway/storage/log_reader.h"
#include "gateway/support/clock.h"

namespace shikaku::audit {

struct RestoredLog {
    TileTree tree;                               // over all entries
    std::optional<SignedCheckpoint> checkpoint;  // none: a new log; may cover fewer entries
    std::int64_t minute = 0;                     // of that checkpoint's row
    Instant last_time{};                         // of the last entry
};

// The tree as of the last checkpoint is rebuilt from stored tiles and compared with it, then grown
// over the entries behind it (a stop between two checkpoints leaves some). Reads at most 255 tiles
// a level. corrupt: a difference, something missing, a signature by another key.
[[nodiscard]] Result<RestoredLog> restore_log(storage::LogReader& reader, std::string_view vkey);

// The tree of the first `size` entries, from stored full tiles and the entries behind them.
[[nodiscard]] Result<TileTree> rebuild_tree(storage::LogReader& reader, std::uint64_t size);

}  // namespace shikaku::audit
