// All endpoints in one place: the services behind them and the route table.
#pragma once

#include "gateway/api/checkups.h"
#include "gateway/api/directory.h"
#include "gateway/api/eligibility.h"
#include "gateway/api/log_files.h"
#include "gateway/api/publishing.h"
#include "gateway/api/service.h"

namespace shikaku::api {

class Api {
  public:
    struct Parts {
        inquiry::Inquiry::Parts inquiry;
        Denials& denials;
        BlockingPool& pool;
        RateLimits& limits;
        std::string log_origin;
        std::function<std::shared_ptr<const inquiry::Trust>()> trust;
        std::function<std::shared_ptr<const ConnectedSince>()> since;
    };
    explicit Api(const Parts& parts);

    [[nodiscard]] Service& service() { return service_; }

    // The table with handlers that need a live Api only when called; a null Api is fine for
    // reading.
    [[nodiscard]] static std::vector<Route> routes(Api* api);

  private:
    inquiry::Inquiry inquiry_;
    inquiry::CheckupInquiry checkup_inquiry_;
    Eligibility eligibility_;
    Checkups checkups_;
    Publishing publishing_;
    LogFiles log_files_;
    Directory directory_;
    Service service_;
};

}  // namespace shikaku::api
