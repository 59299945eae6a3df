#include "gateway/audit/merkle.h"

#include <bit>

#include "gateway/crypto/hash.h"

namespace shikaku::audit {

namespace {

constexpr std::uint8_t kLeafPrefix[] = {0x00};
constexpr std::uint8_t kNodePrefix[] = {0x01};

// The root of leaves [begin, end), where begin is a multiple of the largest power of two that is at
// most end - begin, as in every right-hand subtree of RFC 6962.
Result<Hash256> range_root(std::uint64_t begin, std::uint64_t end, const NodeReader& read) {
    std::vector<Hash256> subtrees;
    while (begin < end) {
        const int height = static_cast<int>(std::bit_width(end - begin)) - 1;
        auto hash = read({height, begin >> height});
        if (!hash) return hash;
        subtrees.push_back(*hash);
        begin += std::uint64_t{1} << height;
    }
    return fold_right(subtrees);
}

// SUBPROOF of RFC 6962 section 2.1.2 over leaves [begin, end); `old_end` is where the old tree
// ends, `whole` says that the verifier knows the old tree's root as this very subtree.
Status subproof(std::uint64_t old_end, std::uint64_t begin, std::uint64_t end, bool whole,
                const NodeReader& read, std::vector<Hash256>& proof) {
    if (old_end == end) {
        if (whole) return {};
        SHIKAKU_TRY_LET(auto root, range_root(begin, end, read));
        proof.push_back(root);
        return {};
    }
    const std::uint64_t middle = begin + std::bit_floor(end - begin - 1);
    const bool left = old_end <= middle;
    SHIKAKU_TRY(left ? subproof(old_end, begin, middle, whole, read, proof)
                     : subproof(old_end, middle, end, false, read, proof));
    SHIKAKU_TRY_LET(auto other,
                    left ? range_root(middle, end, read) : range_root(begin, middle, read));
    proof.push_back(other);
    return {};
}

std::unexpected<Error> wrong(const char* what) {
    return fail(ErrorCode::corrupt, what);
}

}  // namespace

Hash256 leaf_hash(BytesView entry) {
    return crypto::sha256({kLeafPrefix, entry});
}

Hash256 node_hash(const Hash256& left, const Hash256& right) {
    return crypto::sha256({kNodePrefix, left, right});
}

const Hash256& empty_root() {
    static const Hash256 root = crypto::sha256(BytesView{});
    return root;
}

Hash256 fold_right(std::span<const Hash256> subtrees) {
    Hash256 root = subtrees.back();
    for (std::size_t i = subtrees.size() - 1; i > 0; --i)
        root = node_hash(subtrees[i - 1], root);
    return root;
}

Result<std::vector<Hash256>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                             const NodeReader& read) {
    if (index >= size) return fail(ErrorCode::not_found, "index beyond the tree");
    std::vector<Hash256> proof;
    for (int height = 0; height < 64 && (size - 1) >> height != 0; ++height) {
        const std::uint64_t sibling = (index >> height) ^ 1;
        const std::uint64_t last = (size - 1) >> height;
        if (sibling > last) continue;  // nothing beside this subtree at this height
        const std::uint64_t begin = sibling << height;
        const bool perfect = size - begin >= std::uint64_t{1} << height;
        SHIKAKU_TRY_LET(auto hash,
                        perfect ? read({height, sibling}) : range_root(begin, size, read));
        proof.push_back(hash);
    }
    return proof;
}

Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash256& leaf,
                        std::span<const Hash256> proof, const Hash256& root) {
    if (index >= size) return wrong("index beyond the tree");
    std::uint64_t node = index;
    std::uint64_t last = size - 1;
    Hash256 hash = leaf;
    for (const Hash256& sibling : proof) {
        if (last == 0) return wrong("inclusion proof is too long");
        if ((node & 1) != 0 || node == last) {
            hash = node_hash(sibling, hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if (last != 0) return wrong("inclusion proof is too short");
    if (hash != root) return wrong("inclusion proof gives another root");
    return {};
}

Result<std::vector<Hash256>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                               const NodeReader& read) {
    if (old_size == 0 || old_size > new_size)
        return fail(ErrorCode::not_found, "no consistency proof between these sizes");
    std::vector<Hash256> proof;
    SHIKAKU_TRY(subproof(old_size, 0, new_size, true, read, proof));
    return proof;
}

Status verify_consistency(std::uint64_t old_size, const Hash256& old_root, std::uint64_t new_size,
                          const Hash256& new_root, std::span<const Hash256> proof) {
    if (old_size > new_size) return wrong("the tree has shrunk");
    if (old_size == 0) return wrong("a consistency proof from an empty tree says nothing");
    if (old_size == new_size) {
        if (!proof.empty()) return wrong("consistency proof is too long");
        if (old_root != new_root) return wrong("two roots for one size");
        return {};
    }
    // The old tree's rightmost perfect subtree starts the climb; when it is the whole old tree, its
    // root is known and stands not in the proof.
    const int start_height = std::countr_zero(old_size);
    std::uint64_t node = (old_size - 1) >> start_height;
    std::uint64_t last = (new_size - 1) >> start_height;
    if (!std::has_single_bit(old_size) && proof.empty())
        return wrong("consistency proof is too short");
    Hash256 seen_old = old_root;
    if (!std::has_single_bit(old_size)) {
        seen_old = proof.front();
        proof = proof.subspan(1);
    }
    Hash256 seen_new = seen_old;
    for (const Hash256& part : proof) {
        if (last == 0) return wrong("consistency proof is too long");
        if ((node & 1) != 0 || node == last) {
            seen_old = node_hash(part, seen_old);
            seen_new = node_hash(part, seen_new);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            seen_new = node_hash(seen_new, part);
        }
        node >>= 1;
        last >>= 1;
    }
    if (last != 0) return wrong("consistency proof is too short");
    if (seen_old != old_root) return wrong("consistency proof gives another old root");
    if (seen_new != new_root) return wrong("consistency proof gives another new root");
    return {};
}

}  // namespace shikaku::audit
