// Builds a tree from leaves as they come and compares it with what the log claims and with the
// checkpoints that somebody kept. Private to gateway/audit.
#pragma once

#include <functional>

#include "gateway/audit/entry.h"
#include "gateway/audit/tile_tree.h"
#include "gateway/audit/verifier.h"

namespace shikaku::audit {

using VerifyStatus = std::expected<void, VerifyFailure>;

[[nodiscard]] std::unexpected<VerifyFailure> verify_failed(
    Error error, std::optional<std::uint64_t> first_bad = std::nullopt);
[[nodiscard]] std::unexpected<VerifyFailure> not_as_signed(
    std::string what, std::optional<std::uint64_t> first_bad = std::nullopt);

class TreeVerifier {
  public:
    // The claimed hashes of a tile, `width` of them.
    using ReadTile = std::function<Result<Bytes>(int level, std::uint64_t n, std::size_t width)>;
    TreeVerifier(ReadTile read, std::span<const KeptCheckpoint> kept);

    enum class Tiles : std::uint8_t { claimed, none };
    // The next leaf: well formed, not older than the one before, equal to the claimed tiles. The
    // tree before it is compared with a kept checkpoint of its size.
    [[nodiscard]] std::expected<Leaf, VerifyFailure> add(BytesView bytes,
                                                         Tiles tiles = Tiles::claimed);
    // The tree so far has this root; from now on everything up to here is known to be right.
    [[nodiscard]] VerifyStatus expect(const Checkpoint& checkpoint);
    [[nodiscard]] VerifyStatus compare_partial_tiles() const;
    // There are no more leaves: every kept checkpoint must have had its turn.
    [[nodiscard]] VerifyStatus end();
    [[nodiscard]] std::uint64_t size() const { return tree_.size(); }

  private:
    [[nodiscard]] VerifyStatus compare_kept();
    [[nodiscard]] VerifyStatus compare(int level, std::uint64_t n,
                                       std::span<const Hash256> hashes) const;

    ReadTile read_;
    TileTree tree_;
    std::vector<FullTile> full_;
    Instant last_time_ = Instant::min();
    std::uint64_t proven_ = 0;
    std::vector<KeptCheckpoint> kept_;  // by size
    std::size_t next_kept_ = 0;
    std::uint64_t as_kept_ = 0;  // up to here a kept checkpoint agrees
};

}  // namespace shikaku::audit
