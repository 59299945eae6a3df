// The bytes of an entitlement out of registry.db and, as JSON, out of cache.db. What is accepted
// is what writing it again gives.
#include "gateway/domain/entitlement.h"
#include "gateway/sources/cached_form.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const fuzz::Input input(data, size);
    if (const auto row = domain::decode_entitlement(input.bytes())) {
        Bytes again;
        domain::encode_entitlement(*row, again);
        fuzz::require(std::ranges::equal(again, input.bytes()));
        // Every date of it can be said.
        fuzz::require(!row->valid_from.iso().empty() && !row->valid_to.iso().empty());
    }
    if (const auto cached = sources::read_cached(input.text())) {
        const auto again = sources::read_cached(sources::write_cached(*cached));
        fuzz::require(again && again->records.entitlements == cached->records.entitlements &&
                      again->fetched == cached->fetched);
    }
    return 0;
}
