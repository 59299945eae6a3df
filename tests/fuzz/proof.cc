// Proofs of a small log, changed as the input says: only the right one is accepted.
//
// Bytes: leaves - 1, index, old size - 1, then edits of three bytes each: what, where, value.
#include <array>
#include <string>

#include "gateway/audit/merkle.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

constexpr std::size_t kLeaves = 64;

Hash256 node(int height, std::uint64_t index) {
    if (height > 0)
        return audit::node_hash(node(height - 1, 2 * index), node(height - 1, 2 * index + 1));
    return audit::leaf_hash(as_bytes(std::to_string(index)));
}

// The subtrees side by side that a tree of this size is made of.
Hash256 root_of(std::uint64_t size) {
    std::vector<Hash256> subtrees;
    for (int height = 6; height >= 0; --height) {
        const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(height);
        if ((size & bit) == 0) continue;
        subtrees.push_back(node(height, (size & ~(2 * bit - 1)) / bit));
    }
    return audit::fold_right(subtrees);
}

void edit(std::vector<Hash256>& proof, fuzz::Input& input) {
    while (input.bytes().size() >= 3) {
        const unsigned what = input.choice() % 4;
        const std::size_t at = input.choice();
        const std::uint8_t value = input.choice();
        if (what == 0 && !proof.empty()) {
            proof[at % proof.size()][value % 32] ^= static_cast<std::uint8_t>(value | 1U);
        } else if (what == 1 && !proof.empty()) {
            proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(at % proof.size()));
        } else if (what == 2) {
            const auto place = static_cast<std::ptrdiff_t>(at % (proof.size() + 1));
            proof.insert(proof.begin() + place, node(value % 3, value % 7));
        } else if (what == 3 && !proof.empty()) {
            std::swap(proof[at % proof.size()], proof[value % proof.size()]);
        }
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::uint64_t leaves = 1 + input.choice() % kLeaves;
    const std::uint64_t index = input.choice() % leaves;
    const std::uint64_t old_size = 1 + input.choice() % leaves;
    const auto read = [](audit::Node at) -> Result<Hash256> { return node(at.height, at.index); };
    const Hash256 root = root_of(leaves);

    const auto inclusion = audit::inclusion_proof(index, leaves, read).value();
    const auto consistency = audit::consistency_proof(old_size, leaves, read).value();
    std::vector<Hash256> claimed = inclusion;
    fuzz::Input edits = input;
    edit(claimed, edits);
    for (std::uint64_t leaf = 0; leaf < leaves; ++leaf) {
        const bool right = leaf == index && claimed == inclusion;
        fuzz::require(
            audit::verify_inclusion(leaf, leaves, node(0, index), claimed, root).has_value() ==
            right);
    }
    claimed = consistency;
    edits = input;
    edit(claimed, edits);
    fuzz::require(
        audit::verify_consistency(old_size, root_of(old_size), leaves, root, claimed).has_value() ==
        (claimed == consistency));
    return 0;
}
