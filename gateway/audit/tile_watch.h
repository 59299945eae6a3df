// Looks after what was written long ago: checks one full tile after another against its leaves and
// against its own place in the tile above, at a bounded rate, round and round. A bit that flipped
// in log.db is found here before an auditor finds it. Runs a thread of its own; stops when
// destroyed.
#pragma once

#include <condition_variable>
#include <functional>
#include <string>
#include <thread>

#include "gateway/audit/tile_tree.h"
#include "gateway/storage/ports/log_storage.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::audit {

// Full tile `n` of level 0, and every tile above that it completes, in a tree of which `tree` is
// the right edge. corrupt: a difference, with the entries it concerns.
[[nodiscard]] Status check_tile(storage::LogStorage& storage, const TileTree& tree,
                                std::uint64_t n);

class TileWatch {
  public:
    // The next tile of a round that begins anew at the end; not_found: there is none.
    using CheckNext = std::function<Status(std::uint64_t n)>;
    explicit TileWatch(CheckNext check);
    ~TileWatch();
    TileWatch(const TileWatch&) = delete;
    TileWatch& operator=(const TileWatch&) = delete;

    [[nodiscard]] std::string difference() const;  // the first that was found; empty: none

  private:
    void run(const CheckNext& check);

    mutable Mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ SHIKAKU_GUARDED_BY(mutex_) = false;
    std::string difference_ SHIKAKU_GUARDED_BY(mutex_);
    std::thread thread_;
};

}  // namespace shikaku::audit
