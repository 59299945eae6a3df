#include "gateway/audit/log_restore.h"

#include <algorithm>

#include "gateway/audit/entry.h"

namespace shikaku::audit {

namespace {

std::unexpected<Error> corrupt(std::string what) {
    return fail(ErrorCode::corrupt, "log: " + std::move(what));
}

Result<Bytes> stored_tile(storage::LogStorage& storage, int level, std::uint64_t n) {
    auto tile = blocking(storage.tile(level, n));
    if (tile || tile.error().code != ErrorCode::not_found) return tile;
    return corrupt("tile " + std::to_string(n) + " of level " + std::to_string(level) +
                   " is missing");
}

Result<Hash256> top_of_tile(storage::LogStorage& storage, int level, std::uint64_t n) {
    SHIKAKU_TRY_LET(const auto bytes, stored_tile(storage, level, n));
    SHIKAKU_TRY_LET(const auto hashes, parse_tile(bytes, kTileWidth));
    return *TileNodes(hashes).node(kTileHeight, 0);
}

// Leaf hashes of entries [begin, end), none missing.
Result<std::vector<Hash256>> hash_leaves(storage::LogStorage& storage, std::uint64_t begin,
                                         std::uint64_t end) {
    std::vector<Hash256> hashes;
    SHIKAKU_TRY(
        storage.visit_leaves(begin, end, [&](std::uint64_t index, BytesView leaf) -> Status {
            if (index != begin + hashes.size()) return corrupt("an entry is missing");
            hashes.push_back(leaf_hash(leaf));
            return {};
        }));
    if (hashes.size() != end - begin) return corrupt("an entry is missing");
    return hashes;
}

}  // namespace

Result<TileTree> rebuild_tree(storage::LogStorage& storage, std::uint64_t size) {
    std::array<std::vector<Hash256>, kTileLevels> edge;
    SHIKAKU_TRY_LET(auto tail, hash_leaves(storage, size / kTileWidth * kTileWidth, size));
    edge[0] = std::move(tail);
    for (int level = 1; nodes_at_level(size, level) > 0; ++level) {
        const std::uint64_t count = nodes_at_level(size, level);
        for (auto n = count / kTileWidth * kTileWidth; n < count; ++n) {
            SHIKAKU_TRY_LET(auto top, top_of_tile(storage, level - 1, n));
            edge[static_cast<std::size_t>(level)].push_back(top);
        }
    }
    return TileTree(size, edge);
}

Result<RestoredLog> restore_log(storage::LogStorage& storage, std::string_view vkey) {
    SHIKAKU_TRY_LET(const auto count, storage.size());
    SHIKAKU_TRY_LET(const auto stored, storage.newest_checkpoint());
    RestoredLog restored;
    if (!stored) {
        if (count > 0) return corrupt("entries but no checkpoint");
        return restored;
    }
    const auto checkpoint = verify_checkpoint(stored->text, vkey);
    if (!checkpoint)
        return corrupt("the last checkpoint is not this log key's (" + checkpoint.error().detail +
                       ")");
    if (checkpoint->size > count) return corrupt("fewer entries than the last checkpoint covers");
    SHIKAKU_TRY_LET(auto tree, rebuild_tree(storage, checkpoint->size));
    if (tree.root() != checkpoint->root)
        return corrupt("the tree differs from the last checkpoint");
    restored.tree = std::move(tree);
    restored.checkpoint = SignedCheckpoint{*checkpoint, stored->text};
    restored.minute = stored->minute;
    return restored;
}

Status grow_tree(storage::LogStorage& storage, TileTree& tree, std::uint64_t end,
                 const UnstoredTiles& unstored) {
    std::vector<FullTile> full;
    while (tree.size() < end) {
        // One tile's worth: whatever becomes full does so at the end of it.
        const auto next = std::min(end, (tree.size() / kTileWidth + 1) * kTileWidth);
        SHIKAKU_TRY_LET(const auto hashes, hash_leaves(storage, tree.size(), next));
        for (const Hash256& hash : hashes)
            tree.append(hash, full);
        for (const FullTile& tile : full) {
            const auto stored = blocking(storage.tile(tile.level, tile.n));
            if (!stored && stored.error().code != ErrorCode::not_found) return fail(stored.error());
            if (stored && !std::ranges::equal(*stored, tile_bytes(tile.hashes)))
                return corrupt("a stored tile differs from its entries");
            if (!stored) SHIKAKU_TRY(unstored(tile));
        }
        full.clear();
    }
    return {};
}

Result<Instant> time_of_entry(storage::LogStorage& storage, std::uint64_t index) {
    SHIKAKU_TRY_LET(const auto bytes, blocking(storage.leaf(index)));
    SHIKAKU_TRY_LET(const auto leaf, decode_leaf(bytes));
    return leaf.time;
}

Result<std::uint64_t> first_entry_since(storage::LogStorage& storage, std::uint64_t end,
                                        Instant since) {
    std::uint64_t begin = 0;
    while (begin < end) {
        const std::uint64_t middle = begin + (end - begin) / 2;
        SHIKAKU_TRY_LET(const auto time, time_of_entry(storage, middle));
        if (time < since) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

}  // namespace shikaku::audit
