// A cached answer as the bytes that are sealed:
// {"v":1,"f":fetched ms,"a":as_of ms,"m":true,"e":[entitlement, ...]}; m only when ambiguous.
#pragma once

#include <string>
#include <string_view>

#include "gateway/sources/cache.h"

namespace shikaku::sources {

[[nodiscard]] std::string write_cached(const Cached& cached);
[[nodiscard]] Result<Cached> read_cached(std::string_view text);  // corrupt

}  // namespace shikaku::sources
