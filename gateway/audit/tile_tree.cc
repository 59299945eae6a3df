#include "gateway/audit/tile_tree.h"

#include <algorithm>

namespace shikaku::audit {

Result<std::vector<Hash256>> parse_tile(BytesView bytes, std::size_t width) {
    if (bytes.size() != width * sizeof(Hash256))
        return fail(ErrorCode::corrupt, "a tile has the wrong size");
    std::vector<Hash256> hashes(width);
    for (std::size_t i = 0; i < width; ++i)
        std::ranges::copy(bytes.subspan(i * sizeof(Hash256), sizeof(Hash256)), hashes[i].begin());
    return hashes;
}

TileNodes::TileNodes(std::span<const Hash256> hashes) {
    for (const Hash256& hash : hashes)
        push(hash);
}

void TileNodes::push(const Hash256& hash) {
    rows_[0].push_back(hash);
    for (std::size_t height = 0; height < kTileHeight && rows_[height].size() % 2 == 0; ++height) {
        const auto& row = rows_[height];
        rows_[height + 1].push_back(node_hash(row[row.size() - 2], row.back()));
    }
}

const Hash256* TileNodes::node(int height, std::size_t index) const {
    const auto& row = rows_[static_cast<std::size_t>(height)];
    return index < row.size() ? &row[index] : nullptr;
}

TileTree::TileTree(std::uint64_t size, const std::array<std::vector<Hash256>, kTileLevels>& edge)
    : size_(size) {
    for (int level = 0; nodes_at_level(size, level) > 0; ++level)
        edge_.emplace_back(edge[static_cast<std::size_t>(level)]);
}

void TileTree::append(const Hash256& leaf, std::vector<FullTile>& full) {
    Hash256 hash = leaf;
    for (std::size_t level = 0;; ++level) {
        if (level == edge_.size()) edge_.emplace_back();
        TileNodes& tile = edge_[level];
        tile.push(hash);
        if (tile.width() < kTileWidth) break;
        const auto hashes = tile.hashes();
        const int height = kTileHeight * (static_cast<int>(level) + 1);
        full.push_back({static_cast<int>(level), size_ >> height, {hashes.begin(), hashes.end()}});
        hash = *tile.node(kTileHeight, 0);
        tile = {};
    }
    ++size_;
}

Hash256 TileTree::root() const {
    if (size_ == 0) return empty_root();
    std::vector<Hash256> subtrees;
    for (int height = 63; height >= 0; --height) {
        const std::uint64_t count = size_ >> height;
        if (count % 2 == 1) subtrees.push_back(*node({height, count - 1}));
    }
    return fold_right(subtrees);
}

std::span<const Hash256> TileTree::partial(int level) const {
    const auto at = static_cast<std::size_t>(level);
    return at < edge_.size() ? edge_[at].hashes() : std::span<const Hash256>{};
}

std::optional<Hash256> TileTree::node(Node wanted) const {
    const auto level = static_cast<std::size_t>(wanted.height / kTileHeight);
    const int inside = wanted.height % kTileHeight;
    if (level >= edge_.size()) return std::nullopt;
    const std::uint64_t tile = wanted.index >> (kTileHeight - inside);
    if (tile != nodes_at_level(size_, static_cast<int>(level)) >> kTileHeight) return std::nullopt;
    const auto within = wanted.index & ((std::uint64_t{1} << (kTileHeight - inside)) - 1);
    const Hash256* found = edge_[level].node(inside, static_cast<std::size_t>(within));
    return found ? std::optional(*found) : std::nullopt;
}

}  // namespace shikaku::audit
