#include "gateway/audit/tile_watch.h"

#include <algorithm>
#include <utility>

#include "gateway/audit/entry.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::audit {

namespace {

std::unexpected<Error> differs(int level, std::uint64_t n) {
    const auto first = (n * kTileWidth) << (kTileHeight * level);
    return fail(ErrorCode::corrupt, "tile " + std::to_string(n) + " of level " +
                                        std::to_string(level) + " in log.db, over entries from " +
                                        std::to_string(first) + " on, differs from what is below");
}

Result<std::vector<Hash256>> stored_tile(storage::LogStorage& storage, int level, std::uint64_t n) {
    const auto bytes = blocking(storage.tile(level, n));
    if (bytes) return parse_tile(*bytes, kTileWidth);
    if (bytes.error().code == ErrorCode::not_found) return differs(level, n);
    return fail(bytes.error());
}

}  // namespace

Status check_tile(storage::LogStorage& storage, const TileTree& tree, std::uint64_t n) {
    auto hashes = stored_tile(storage, 0, n);
    if (!hashes) return fail(hashes.error());
    std::uint64_t next = n * kTileWidth;
    bool same = true;
    SHIKAKU_TRY(storage.visit_leaves(
        next, next + kTileWidth, [&](std::uint64_t index, BytesView leaf) -> Status {
            same = same && index == next && leaf_hash(leaf) == (*hashes)[index % kTileWidth];
            ++next;
            return {};
        }));
    if (!same || next != (n + 1) * kTileWidth) return differs(0, n);
    for (int level = 0;; ++level, n /= kTileWidth) {
        const auto top = *TileNodes(*hashes).node(kTileHeight, 0);
        const auto in_parent = static_cast<std::size_t>(n % kTileWidth);
        const bool parent_full =
            nodes_at_level(tree.size(), level + 1) / kTileWidth > n / kTileWidth;
        if (!parent_full) {
            const auto edge = tree.partial(level + 1);
            return in_parent < edge.size() && edge[in_parent] == top ? Status{} : differs(level, n);
        }
        hashes = stored_tile(storage, level + 1, n / kTileWidth);
        if (!hashes) return fail(hashes.error());
        if ((*hashes)[in_parent] != top) return differs(level + 1, n / kTileWidth);
        if (in_parent + 1 < kTileWidth) return {};
    }
}

TileWatch::TileWatch(CheckNext check) {
    thread_ = std::thread([this, check = std::move(check)] { run(check); });
}

TileWatch::~TileWatch() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

std::string TileWatch::difference() const {
    const Lock lock(mutex_);
    return difference_;
}

void TileWatch::run(const CheckNext& check) {
    static auto& checked =
        counter("shikaku_log_tiles_checked_total", "Full tiles held against leaves");
    static auto& different = counter("shikaku_log_tiles_different_total", "Of these, different");
    Lock lock(mutex_);
    for (std::uint64_t n = 0; !stopping_; ++n) {
        lock.unlock();
        const auto result = check(n);
        lock.lock();
        if (result) checked.Increment();
        if (!result && result.error().code == ErrorCode::corrupt) {
            different.Increment();
            if (difference_.empty()) {
                difference_ = result.error().detail;
                log_error("the stored log is damaged; run shikaku-audit verify", result.error());
            }
        }
        if (!result && result.error().code == ErrorCode::not_found)
            n = ~std::uint64_t{0};  // the round begins anew
        wake_.wait_for(lock.to_wait(), bounds::kTileCheckEvery,
                       [this]() SHIKAKU_REQUIRES(mutex_) { return stopping_; });
    }
}

}  // namespace shikaku::audit
