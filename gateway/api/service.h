// The API port: role, route, body plan; what the client may ask; then the handler; then, for every
// refusal, a log entry before the first byte goes out. Errors become problem+json. Adds
// X-Request-ID, traceparent, RateLimit-Policy and RateLimit.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "gateway/api/denial.h"
#include "gateway/api/routes.h"
#include "gateway/audit/log.h"
#include "gateway/inquiry/inquiry.h"

namespace shikaku::api {

class Service final : public http::Service {
  public:
    struct Parts {
        Denials& denials;
        const Clock& clock;
        std::function<std::shared_ptr<const inquiry::Trust>()> trust;
        RateLimits& limits;
    };
    Service(Parts parts, Routes routes) : parts_(std::move(parts)), routes_(std::move(routes)) {}

    [[nodiscard]] Result<http::BodyPlan> plan(http::Request& head) override;
    [[nodiscard]] asio::awaitable<http::Response> serve(http::Request& request) override;
    [[nodiscard]] asio::awaitable<http::Response> refuse(Error error, http::Request& head) override;
    [[nodiscard]] asio::awaitable<bool> ends(http::Ending ending) override;

    [[nodiscard]] const Routes& routes() const { return routes_; }

  private:
    struct Admitted;
    [[nodiscard]] std::unique_ptr<Admitted> admit(const http::Request& request) const;
    [[nodiscard]] const Admitted& admitted(http::Request& request) const;
    asio::awaitable<void> hold_back(http::Request& request, Client client, ErrorCode code);
    asio::awaitable<http::Response> refuse_logged(http::Request& request,
                                                  const std::string& request_id, Error error);

    Parts parts_;
    Routes routes_;
};

}  // namespace shikaku::api
