#include "gateway/audit/tree_verifier.h"

#include <algorithm>
#include <utility>

namespace shikaku::audit {

std::unexpected<VerifyFailure> verify_failed(Error error, std::optional<std::uint64_t> first_bad) {
    return std::unexpected(VerifyFailure{std::move(error), first_bad});
}

std::unexpected<VerifyFailure> not_as_signed(std::string what,
                                             std::optional<std::uint64_t> first_bad) {
    return verify_failed({ErrorCode::corrupt, std::move(what)}, first_bad);
}

std::expected<Leaf, VerifyFailure> TreeVerifier::add(BytesView bytes) {
    const std::uint64_t index = tree_.size();
    const auto leaf = decode_leaf(bytes);
    if (!leaf) return verify_failed(leaf.error(), index);
    tree_.append(leaf_hash(bytes), full_);
    for (const FullTile& tile : std::exchange(full_, {}))
        if (auto same = compare(tile.level, tile.n, tile.hashes); !same)
            return std::unexpected(std::move(same.error()));
    if (leaf->time < last_time_)
        return not_as_signed("an entry is older than the one before", index);
    last_time_ = leaf->time;
    return *leaf;
}

VerifyStatus TreeVerifier::expect(const Checkpoint& checkpoint) {
    if (tree_.root() != checkpoint.root)
        return not_as_signed("the entries from this index to " + std::to_string(checkpoint.size) +
                                 " do not give the signed root",
                             proven_);
    proven_ = tree_.size();
    return {};
}

VerifyStatus TreeVerifier::compare_partial_tiles() const {
    for (int level = 0; nodes_at_level(tree_.size(), level) > 0; ++level) {
        const auto partial = tree_.partial(level);
        if (partial.empty()) continue;
        const std::uint64_t n = nodes_at_level(tree_.size(), level) / kTileWidth;
        if (auto same = compare(level, n, partial); !same) return same;
    }
    return {};
}

VerifyStatus TreeVerifier::compare(int level, std::uint64_t n,
                                   std::span<const Hash256> hashes) const {
    const auto name = "tile " + std::to_string(n) + " of level " + std::to_string(level);
    const std::uint64_t begin = n * kTileWidth << (kTileHeight * level);
    const auto bytes = read_(level, n, hashes.size());
    if (!bytes && bytes.error().code == ErrorCode::not_found)
        return not_as_signed(name + " is missing", begin);
    if (!bytes) return verify_failed(bytes.error(), begin);
    const auto claimed = parse_tile(*bytes, hashes.size());
    if (!claimed) return not_as_signed(name + " has the wrong size", begin);
    const auto different = std::ranges::mismatch(hashes, *claimed).in1;
    if (different == hashes.end()) return {};
    const auto at = static_cast<std::uint64_t>(different - hashes.begin());
    return not_as_signed("the entries and " + name + " differ",
                         begin + (at << (kTileHeight * level)));
}

}  // namespace shikaku::audit
