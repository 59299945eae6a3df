#include "gateway/inquiry/used_tokens.h"

#include <algorithm>

#include "gateway/support/bounds.h"

namespace shikaku::inquiry {

Status remember_used_tokens(const audit::Log& log, identity::ReplayGuard& guard, Instant now) {
    SHIKAKU_TRY_LET(const auto last, log.last_entry_time());
    if (!last) return {};
    const Instant earlier = std::min(now, *last);
    const Instant oldest =
        earlier - bounds::kTokenLife - 2 * bounds::kClockSkew - bounds::kTokenRepeat;
    const Instant expired = earlier - bounds::kClockSkew - bounds::kTokenMargin;
    return log.visit_tokens_since(
        oldest, [&](std::uint64_t index, Instant used, const audit::TokenUse& use) {
            if (Instant(std::chrono::seconds(use.expires_s)) < expired) return;
            guard.remember(use.key, use.request, use.expires_s, index, std::min(used, earlier));
        });
}

}  // namespace shikaku::inquiry
