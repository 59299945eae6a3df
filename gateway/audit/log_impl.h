// What a Log is made of. Private to gateway/audit.
#pragma once

#include <memory>
#include <string>

#include "gateway/audit/log.h"
#include "gateway/audit/log_writer.h"
#include "gateway/audit/tile_watch.h"
#include "gateway/storage/log_reader.h"
#include "gateway/storage/per_thread.h"

namespace shikaku::audit {

// A thread's connection, and the last full tile it read of every level: proofs of neighbours need
// the same ones.
struct TileReader {
    storage::LogReader store;
    struct Cached {
        std::uint64_t n = 0;
        TileNodes nodes;  // empty: nothing read yet
    };
    std::array<Cached, kTileLevels> tiles{};

    [[nodiscard]] static Result<TileReader> prepare(storage::Database& database);
    // A perfect node inside a full tile.
    [[nodiscard]] Result<Hash256> node(Node wanted);
};

struct Log::Impl {
    const crypto::KeyRing& keys;
    const Clock& clock;
    std::string vkey;
    std::unique_ptr<LogWriter> writer;
    storage::PerThread<TileReader>
        readers;  // closed before the writer, which then folds the WAL in
    std::unique_ptr<TileWatch> tiles;
};

}  // namespace shikaku::audit
