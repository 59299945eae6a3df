// The ops port: /livez, /readyz (503 with what is not ready), /metrics. Plain HTTP on loopback, no
// personal data, no roles. What it refuses is counted by error code, and told in the process log at
// a bounded rate.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "gateway/http/message.h"

namespace shikaku::api {

class Ops final : public http::Service {
  public:
    // `not_ready`: names of the parts that are not, e.g. "log"; empty: ready. `measure`: sets the
    // gauges that are looked at rather than kept, before each /metrics.
    explicit Ops(std::function<std::vector<std::string>()> not_ready, std::function<void()> measure)
        : not_ready_(std::move(not_ready)), measure_(std::move(measure)) {}

    [[nodiscard]] Result<http::BodyPlan> plan(http::Request& head) override;
    [[nodiscard]] boost::asio::awaitable<http::Response> serve(http::Request& request) override;
    [[nodiscard]] boost::asio::awaitable<http::Response> refuse(Error error,
                                                                http::Request& head) override;

  private:
    [[nodiscard]] http::Response answer(const http::Request& request) const;

    [[nodiscard]] http::Response refused(const Error& error) const;

    std::function<std::vector<std::string>()> not_ready_;
    std::function<void()> measure_;
    mutable std::atomic<std::chrono::steady_clock::time_point> told_{};
    mutable std::atomic<std::int64_t> since_told_ = 0;
};

}  // namespace shikaku::api
