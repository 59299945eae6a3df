// A leaf and the detail behind it, as they come out of a log that may be damaged.
#include "gateway/audit/entry.h"

#include "gateway/audit/opening.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const BytesView bytes = fuzz::Input(data, size).bytes();
    const std::size_t leaf_bytes = std::min(audit::kLeafBytes, bytes.size());
    const auto leaf = audit::decode_leaf(bytes.first(leaf_bytes));
    if (leaf) fuzz::require(std::ranges::equal(audit::encode(*leaf), bytes.first(leaf_bytes)));

    const BytesView laid_out = bytes.subspan(leaf_bytes);
    const auto parts = audit::read_parts(laid_out);
    if (parts) {
        fuzz::require(audit::is_place_count(parts->authorities.size()));
        fuzz::require(audit::detail_of(*parts).size() <= laid_out.size());
    }
    if (!leaf) return 0;
    const auto detail = audit::check_detail(*leaf, laid_out);
    if (detail && leaf->version == audit::kLeafInParts)
        fuzz::require(parts && audit::commitment_of(*parts) == leaf->commitment);
    return 0;
}
