#include "adapters/kinds.h"

#include <algorithm>
#include <array>

#include "adapters/published/published_settings.h"
#include "adapters/rest/rest_settings.h"

namespace shikaku::adapters {
namespace {

constexpr auto kKinds = std::to_array<Kind>({
    {"published", published::read_settings},
    {"rest", rest::read_settings},
});

}  // namespace

std::span<const Kind> kinds() {
    return kKinds;
}

const Kind* find_kind(std::string_view name) {
    const auto kind = std::ranges::find(kKinds, name, &Kind::name);
    return kind == kKinds.end() ? nullptr : &*kind;
}

}  // namespace shikaku::adapters
