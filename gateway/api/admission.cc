#include "gateway/api/admission.h"

#include "gateway/api/problem.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {

Status admit(RateLimits& limits, Context& context, Client client,
             Result<domain::Priority*> priority) {
    static auto& beyond_share =
        counter("shikaku_emergencies_beyond_share_total",
                "Questions that said emergency and were counted as walk_in: their clinic sent more "
                "of them than its share");
    const auto now = std::chrono::steady_clock::now();
    if (priority && **priority == domain::Priority::emergency) {
        if (limits.take_emergency(client, now)) {
            context.rate = limits.charge(client, 1, now);
            return {};
        }
        beyond_share.Increment();
        context.emergency_is_walk_in = true;
        **priority = domain::Priority::walk_in;
    }
    context.rate = limits.take(client, 1, now);
    if (!context.rate.allowed) return fail(too_many_requests(client, context.rate));
    if (!priority) return fail(std::move(priority.error()));
    return {};
}

}  // namespace shikaku::api
