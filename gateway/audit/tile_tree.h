// The right edge of a Merkle tree in the tiles of C2SP tlog-tiles: what must be held in memory to
// append, to know the root, and to prove recent entries. A tile is 256 nodes of height 8 * level.
//
// TileNodes is one tile with the subtrees inside it; TileTree is the partial tile of every level.
// Appending costs one node hash on average. Copies are snapshots (about 16 KiB a level). No locks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gateway/audit/merkle.h"

namespace shikaku::audit {

inline constexpr int kTileHeight = 8;
inline constexpr std::size_t kTileWidth = 256;
inline constexpr int kTileLevels = 8;  // 64-bit indexes

[[nodiscard]] inline BytesView tile_bytes(std::span<const Hash256> hashes) {
    return {hashes.empty() ? nullptr : hashes.front().data(), hashes.size_bytes()};
}
// A stored or received tile; corrupt when it is not `width` hashes.
[[nodiscard]] Result<std::vector<Hash256>> parse_tile(BytesView bytes, std::size_t width);

class TileNodes {
  public:
    TileNodes() = default;
    explicit TileNodes(std::span<const Hash256> hashes);

    void push(const Hash256& hash);  // needs width() < 256
    [[nodiscard]] std::size_t width() const { return rows_[0].size(); }
    [[nodiscard]] std::span<const Hash256> hashes() const { return rows_[0]; }
    // Node `index` of height `height` (0..8) inside the tile, when its subtree is complete.
    [[nodiscard]] const Hash256* node(int height, std::size_t index) const;

  private:
    std::array<std::vector<Hash256>, kTileHeight + 1> rows_;
};

struct FullTile {
    int level = 0;
    std::uint64_t n = 0;
    std::vector<Hash256> hashes;
};

class TileTree {
  public:
    TileTree() = default;
    // At `size` leaves; edge[level] holds the hashes of that level's partial tile, (size >> 8
    // level) mod 256 of them.
    TileTree(std::uint64_t size, const std::array<std::vector<Hash256>, kTileLevels>& edge);

    // Tiles that this leaf completes are added to `full`, lowest level first.
    void append(const Hash256& leaf, std::vector<FullTile>& full);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] Hash256 root() const;
    [[nodiscard]] std::span<const Hash256> partial(int level) const;
    // Perfect nodes that lie in a partial tile; others are in stored full tiles.
    [[nodiscard]] std::optional<Hash256> node(Node wanted) const;

  private:
    std::uint64_t size_ = 0;
    std::vector<TileNodes> edge_;  // by level; grows with the tree
};

// How many nodes of a level the tree has.
[[nodiscard]] constexpr std::uint64_t nodes_at_level(std::uint64_t size, int level) {
    return level >= kTileLevels ? 0 : size >> (kTileHeight * level);
}

}  // namespace shikaku::audit
