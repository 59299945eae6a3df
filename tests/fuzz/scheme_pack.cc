// A scheme pack as an authority sends it: refused whole and with reasons, or accepted for good.
#include "gateway/domain/scheme_pack.h"

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const std::string_view text = fuzz::Input(data, size).text();
    const auto authority = *domain::AuthorityCode::parse("132012");
    const auto read = domain::read_scheme_pack(text, authority, "v");
    fuzz::require((read.pack != nullptr) == read.problems.empty());
    if (read.pack) fuzz::require(domain::read_accepted_pack(text, authority, "v").pack != nullptr);
    return 0;
}
