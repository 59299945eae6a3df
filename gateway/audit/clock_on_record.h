// What the log says about the clock at a start. Entries never go back in time, so a clock behind
// the last of them is wrong; or the log is, and an operator has said so (`serve --clock-is-right`).
// The `start` entry keeps that word, and each start hands it on to the next until the clock has
// come to where the log is: a gateway that is restarted by a watchdog needs nobody. A log that has
// gone on to a later time since needs the word anew.
#pragma once

#include <optional>

#include "gateway/audit/log.h"

namespace shikaku::audit {

struct ClockOnRecord {
    Instant not_before{};  // a clock that is behind this is wrong
    // The clock is behind the log and taken for right: what it showed when that was said, or last
    // started upon. For the next `start` entry.
    std::optional<Instant> right_at{};
};

enum class OperatorWord : std::uint8_t { none, clock_is_right };
[[nodiscard]] Result<ClockOnRecord> clock_on_record(const Log& log, Instant now, OperatorWord word);

}  // namespace shikaku::audit
