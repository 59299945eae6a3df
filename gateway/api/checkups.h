// POST /v1/checkups (contract 3.4b): one question about one card. Counted and in turn as a question
// about subsidies is; there is no batch.
#pragma once

#include <functional>
#include <memory>

#include "gateway/api/rate_limits.h"
#include "gateway/api/routes.h"
#include "gateway/inquiry/checkup_inquiry.h"

namespace shikaku::api {

class Checkups {
  public:
    struct Parts {
        inquiry::CheckupInquiry& inquiry;
        RateLimits& limits;
        std::function<std::shared_ptr<const inquiry::Trust>()> trust;
        std::string log_origin;
    };
    explicit Checkups(Parts parts) : parts_(std::move(parts)) {}

    HandlerResult ask(Context& context);

  private:
    Parts parts_;
};

}  // namespace shikaku::api
