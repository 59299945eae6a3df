// What the log keeps of its own house: that the program starts and stops, that an entry was opened.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/audit/parts.h"
#include "gateway/support/clock.h"

namespace shikaku::audit {

// An auditor opened one entry.
[[nodiscard]] Detail opened_detail(std::string_view caller, std::string_view request_id,
                                   std::uint64_t index);

// start and stop: what program. A start says who is believed, as a hash, and with a clock behind
// the log that it is taken for right (clock_on_record.h).
[[nodiscard]] Detail lifecycle_detail(std::string_view event, std::string_view version,
                                      std::optional<Instant> clock_right_at = {},
                                      std::string_view believed = {});

}  // namespace shikaku::audit
