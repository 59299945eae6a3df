// What one question costs its clinic before it is looked at.
#pragma once

#include "gateway/api/context.h"
#include "gateway/api/rate_limits.h"
#include "gateway/domain/query.h"

namespace shikaku::api {

// Counts one question against what its clinic may ask. What is no question costs as one. An
// emergency passes the client's limit, as far as its share of emergencies goes, and becomes walk_in
// beyond it; the others are what most questions are. rate_limited, or the question's own error.
[[nodiscard]] Status admit(RateLimits& limits, Context& context, Client client,
                           Result<domain::Priority*> priority);

}  // namespace shikaku::api
