// Points in time as most systems write them in JSON and XML.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/support/clock.h"

namespace shikaku::domain {

// "2026-11-20T08:59:00+09:00", "2026-11-20T08:59:00.123Z": RFC 3339 with 'T', seconds and an
// offset; fractions beyond milliseconds are cut off. A leap second is taken as the second after it.
[[nodiscard]] std::optional<Instant> parse_rfc3339(std::string_view text);

}  // namespace shikaku::domain
