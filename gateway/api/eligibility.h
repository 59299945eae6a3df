// POST /v1/eligibility and /v1/eligibility/batch (contract 3).
#pragma once

#include <functional>
#include <memory>

#include "gateway/api/desk.h"
#include "gateway/api/routes.h"

namespace shikaku::api {

class Eligibility {
  public:
    static constexpr const char* kBatchRoute = "/v1/eligibility/batch";

    Eligibility(Desk& desk, audit::Log& log, const Clock& clock,
                std::function<std::shared_ptr<const Trust>()> trust)
        : desk_(desk), log_(log), clock_(clock), trust_(std::move(trust)) {}

    HandlerResult ask(Context& context);
    // application/json {"questions": [...]} or application/x-ndjson, one question a line; answered
    // as NDJSON in the same order, a bad line by one problem line.
    HandlerResult ask_many(Context& context);

  private:
    struct Batch;
    asio::awaitable<void> answer_line(std::shared_ptr<Batch> batch, std::size_t line);
    asio::awaitable<Result<std::string>> next_lines(std::shared_ptr<Batch> batch);

    Desk& desk_;
    audit::Log& log_;
    const Clock& clock_;
    std::function<std::shared_ptr<const Trust>()> trust_;
};

}  // namespace shikaku::api
