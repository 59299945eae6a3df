// Merkle tree mathematics of RFC 6962 section 2.1 and RFC 9162 section 2.1.3-2.1.4, over hashes
// only; where hashes are kept is the caller's matter. Pure functions, any thread.
//
// A Node is a perfect subtree: node (height, index) covers leaves [index << height, (index + 1) <<
// height). Proof makers read perfect nodes of the tree of `size` leaves through a NodeReader and
// pass its errors on; verifiers refuse (corrupt) a proof with a missing, superfluous or wrong part.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

namespace shikaku::audit {

struct Node {
    int height = 0;
    std::uint64_t index = 0;
};
using NodeReader = std::function<Result<Hash256>(Node)>;

[[nodiscard]] Hash256 leaf_hash(BytesView entry);                            // 0x00 || entry
[[nodiscard]] Hash256 node_hash(const Hash256& left, const Hash256& right);  // 0x01 || l || r
[[nodiscard]] const Hash256& empty_root();                                   // of no leaves

// The root over perfect subtrees standing side by side, largest first; not empty.
[[nodiscard]] Hash256 fold_right(std::span<const Hash256> subtrees);

// Leaf's sibling first. Needs index < size.
[[nodiscard]] Result<std::vector<Hash256>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                           const NodeReader& read);
[[nodiscard]] Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash256& leaf,
                                      std::span<const Hash256> proof, const Hash256& root);

// Needs 0 < old_size <= new_size; a proof from an empty tree says nothing.
[[nodiscard]] Result<std::vector<Hash256>> consistency_proof(std::uint64_t old_size,
                                                             std::uint64_t new_size,
                                                             const NodeReader& read);
[[nodiscard]] Status verify_consistency(std::uint64_t old_size, const Hash256& old_root,
                                        std::uint64_t new_size, const Hash256& new_root,
                                        std::span<const Hash256> proof);

}  // namespace shikaku::audit
