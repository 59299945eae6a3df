#include "gateway/audit/tree_verifier.h"

#include <algorithm>
#include <utility>

#include "gateway/audit/receipt.h"

namespace shikaku::audit {

Result<Checkpoint> read_kept_checkpoint(std::string_view text, std::string_view vkey) {
    std::string note(text);
    if (is_receipt(text)) {
        SHIKAKU_TRY_LET(auto receipt, parse_receipt(text));
        note = std::move(receipt.checkpoint);
    }
    auto checkpoint = verify_checkpoint(note, vkey);
    if (checkpoint || checkpoint.error().code != ErrorCode::corrupt) return checkpoint;
    const auto origin = std::string_view(note).substr(0, note.find('\n'));
    const auto here = vkey.substr(0, vkey.find('+'));
    if (!is_key_name(origin) || origin == here) return checkpoint;
    return fail(ErrorCode::corrupt, "a checkpoint of another log: " + std::string(origin) +
                                        ", and the key is of " + std::string(here));
}

std::unexpected<VerifyFailure> verify_failed(Error error, std::optional<std::uint64_t> first_bad) {
    return std::unexpected(VerifyFailure{std::move(error), first_bad});
}

std::unexpected<VerifyFailure> not_as_signed(std::string what,
                                             std::optional<std::uint64_t> first_bad) {
    return verify_failed({ErrorCode::corrupt, std::move(what)}, first_bad);
}

TreeVerifier::TreeVerifier(ReadTile read, std::span<const KeptCheckpoint> kept)
    : read_(std::move(read)), kept_(kept.begin(), kept.end()) {
    std::ranges::sort(kept_, {}, [](const auto& one) { return one.checkpoint.size; });
}

std::expected<Leaf, VerifyFailure> TreeVerifier::add(BytesView bytes, Tiles tiles) {
    const std::uint64_t index = tree_.size();
    SHIKAKU_TRY(compare_kept());
    const auto leaf = decode_leaf(bytes);
    if (!leaf) return verify_failed(leaf.error(), index);
    tree_.append(leaf_hash(bytes), full_);
    for (const FullTile& tile : std::exchange(full_, {})) {
        if (tiles == Tiles::none) continue;
        SHIKAKU_TRY(compare(tile.level, tile.n, tile.hashes));
    }
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

VerifyStatus TreeVerifier::compare_kept() {
    for (; next_kept_ < kept_.size(); ++next_kept_) {
        const auto& [name, then] = kept_[next_kept_];
        if (then.size != tree_.size()) return {};
        if (tree_.root() != then.root)
            return not_as_signed("an entry from this index to " + std::to_string(then.size - 1) +
                                     " is not what was signed then: the past was changed after " +
                                     name,
                                 as_kept_);
        as_kept_ = then.size;
    }
    return {};
}

VerifyStatus TreeVerifier::end() {
    if (auto same = compare_kept(); !same) return same;
    if (next_kept_ == kept_.size()) return {};
    const auto& [name, then] = kept_[next_kept_];
    return not_as_signed("the log is smaller than it was: " + std::to_string(then.size) +
                             " entries in " + name + ", " + std::to_string(tree_.size()) + " here",
                         tree_.size());
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
