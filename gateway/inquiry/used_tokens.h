// Single use over a restart: the replay guard is filled again from the log.
#pragma once

#include "gateway/audit/log.h"
#include "gateway/identity/replay_guard.h"

namespace shikaku::inquiry {

// Remembers every token that could still pass its own expiry check. Counted from `now` or from the
// last entry of the log, whichever is earlier: a clock that is ahead at start makes no token
// forgotten, and stamps of a time when it was ahead make no fresh token look used.
[[nodiscard]] Status remember_used_tokens(const audit::Log& log, identity::ReplayGuard& guard,
                                          Instant now);

}  // namespace shikaku::inquiry
