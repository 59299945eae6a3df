// What a Log is made of. Private to gateway/audit.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "gateway/audit/log.h"
#include "gateway/audit/log_writer.h"
#include "gateway/audit/tile_watch.h"

namespace shikaku::audit {

// The last full tile that was read of every level: proofs of neighbours need the same ones. Any
// thread may ask.
class TileCache {
  public:
    // A perfect node inside a full tile.
    [[nodiscard]] Result<Hash256> node(storage::LogStorage& storage, Node wanted);

  private:
    struct Cached {
        std::uint64_t n = 0;
        TileNodes nodes;  // empty: nothing read yet
    };
    Mutex mutex_;
    std::array<Cached, kTileLevels> tiles_ SHIKAKU_GUARDED_BY(mutex_);
};

struct Log::Impl {
    Impl(const crypto::KeyRing& ring, const Clock& time, std::string verifier_key,
         std::unique_ptr<LogWriter> started)
        : keys(ring), clock(time), vkey(std::move(verifier_key)), writer(std::move(started)) {}

    const crypto::KeyRing& keys;
    const Clock& clock;
    std::string vkey;
    std::unique_ptr<LogWriter> writer;
    TileCache cache;
    std::unique_ptr<TileWatch> watch;
};

}  // namespace shikaku::audit
