// Names of tiles: one spelling each.
#include "gateway/audit/tile_path.h"

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shikaku;
    const std::string_view text = fuzz::Input(data, size).text();
    const auto path = audit::parse_tile_path(text);
    if (path) fuzz::require(audit::to_string(*path) == text);
    return 0;
}
