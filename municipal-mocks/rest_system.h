// Kind "rest": a municipal system that answers JSON.
//
//   POST /subsidies/lookup  {"linkKey": "<base64url>", "serviceDate": "2026-11-20"}
//   200  {"linkKey": "<the same>", "asOf": "2026-11-20T08:59:00+09:00", "records": [...]}
//   200  {"linkKey": ..., "asOf": ..., "ambiguous": true}     several people match
//
// Someone unknown has no records. Written apart from the gateway's adapter: what the two agree on
// is this page.
#pragma once

#include <atomic>
#include <mutex>

#include "gateway/http/message.h"
#include "gateway/support/clock.h"
#include "municipal-mocks/faults.h"
#include "municipal-mocks/people.h"

namespace shikaku::mocks {

class RestSystem final : public http::Service {
  public:
    RestSystem(People people, FaultPlan faults)
        : people_(std::move(people)), faults_(std::move(faults)), dice_(faults_.seed()) {}

    // Requests that hang are let go, so that the server can stop.
    void stop() { stopping_ = true; }

    [[nodiscard]] Result<http::BodyPlan> plan(http::Request& head) override;
    [[nodiscard]] http::asio::awaitable<http::Response> serve(http::Request& request) override;
    [[nodiscard]] http::asio::awaitable<http::Response> refuse(Error error,
                                                               http::Request& head) override;

  private:
    [[nodiscard]] FaultPlan::Drawn draw();
    [[nodiscard]] http::Response answer(const http::Request& request, bool wrong_person) const;
    [[nodiscard]] http::asio::awaitable<void> wait(std::chrono::milliseconds time) const;

    People people_;
    FaultPlan faults_;
    std::mutex mutex_;
    std::mt19937_64 dice_;
    SystemClock clock_;
    std::atomic<bool> stopping_ = false;
};

}  // namespace shikaku::mocks
