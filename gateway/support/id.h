// Ids that sort by time and say nothing else: ULID (48 bits of milliseconds, 80 random bits,
// Crockford base 32, 26 characters). Used for answers, publications and requests.
#pragma once

#include <string>

#include "gateway/support/clock.h"

namespace shikaku {

[[nodiscard]] std::string make_ulid(Instant now);

}  // namespace shikaku
