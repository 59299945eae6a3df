// The ops port: /livez, /readyz (503 with what is not ready), /metrics. Plain HTTP on loopback, no
// personal data, no roles.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/http/message.h"

namespace shikaku::api {

class Ops final : public http::Service {
  public:
    // `not_ready`: names of the parts that are not, e.g. "log"; empty: ready.
    explicit Ops(std::function<std::vector<std::string>()> not_ready)
        : not_ready_(std::move(not_ready)) {}

    [[nodiscard]] Result<http::BodyPlan> plan(const http::Request& head) override;
    [[nodiscard]] boost::asio::awaitable<http::Response> serve(http::Request& request) override;
    [[nodiscard]] boost::asio::awaitable<http::Response> refuse(Error error,
                                                                const http::Request& head) override;

  private:
    [[nodiscard]] http::Response answer(const http::Request& request) const;

    std::function<std::vector<std::string>()> not_ready_;
};

}  // namespace shikaku::api
