// The definitions of RFC 6962 section 2.1 as they stand there, over all leaves: slow, obviously
// right.
#pragma once

#include <bit>
#include <span>
#include <vector>

#include "gateway/crypto/hash.h"
#include "gateway/support/bytes.h"

namespace naive {

using shikaku::Bytes;
using shikaku::Hash256;

inline Hash256 tree_hash(std::span<const Bytes> leaves) {
    using shikaku::crypto::sha256;
    if (leaves.empty()) return sha256(Bytes{});
    if (leaves.size() == 1) {
        Bytes input = {0};
        input.insert(input.end(), leaves[0].begin(), leaves[0].end());
        return sha256(input);
    }
    const auto k = std::bit_floor(leaves.size() - 1);
    const auto left = tree_hash(leaves.first(k));
    const auto right = tree_hash(leaves.subspan(k));
    Bytes input = {1};
    input.insert(input.end(), left.begin(), left.end());
    input.insert(input.end(), right.begin(), right.end());
    return sha256(input);
}

inline std::vector<Hash256> path(std::size_t m, std::span<const Bytes> leaves) {
    if (leaves.size() == 1) return {};
    const auto k = std::bit_floor(leaves.size() - 1);
    const bool left = m < k;
    auto proof = left ? path(m, leaves.first(k)) : path(m - k, leaves.subspan(k));
    proof.push_back(tree_hash(left ? leaves.subspan(k) : leaves.first(k)));
    return proof;
}

inline std::vector<Hash256> subproof(std::size_t m, std::span<const Bytes> leaves, bool whole) {
    if (m == leaves.size())
        return whole ? std::vector<Hash256>{} : std::vector<Hash256>{tree_hash(leaves)};
    const auto k = std::bit_floor(leaves.size() - 1);
    const bool left = m <= k;
    auto proof =
        left ? subproof(m, leaves.first(k), whole) : subproof(m - k, leaves.subspan(k), false);
    proof.push_back(tree_hash(left ? leaves.subspan(k) : leaves.first(k)));
    return proof;
}

}  // namespace naive
