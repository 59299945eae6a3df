// POST /v1/eligibility and /v1/eligibility/batch (docs/contract.md 3). Each question is counted
// against what its clinic may ask, by its priority, and waits for its turn (turnstile.h) before it
// costs anything more.
#pragma once

#include <functional>
#include <memory>

#include "gateway/api/batch.h"
#include "gateway/api/denial.h"
#include "gateway/api/routes.h"
#include "gateway/inquiry/inquiry.h"

namespace shikaku::api {

class Eligibility {
  public:
    static constexpr const char* kBatchRoute = "/v1/eligibility/batch";

    struct Parts {
        inquiry::Inquiry& inquiry;
        RateLimits& limits;
        Denials& denials;
        const Clock& clock;
        std::function<std::shared_ptr<const inquiry::Trust>()> trust;
        std::string log_origin;
    };
    explicit Eligibility(Parts parts) : parts_(std::move(parts)) {}

    HandlerResult ask(Context& context);
    // application/json {"questions": [...]} or application/x-ndjson, one question a line; answered
    // as NDJSON in the same order, a bad line by one problem line.
    HandlerResult ask_many(Context& context);

  private:
    struct Batch;
    asio::awaitable<Result<std::string>> answer_in_turn(std::shared_ptr<Batch> batch,
                                                        const BatchLine& line);
    asio::awaitable<void> answer_line(std::shared_ptr<Batch> batch, std::size_t line);
    asio::awaitable<Result<std::string>> next_lines(std::shared_ptr<Batch> batch);

    Parts parts_;
};

}  // namespace shikaku::api
