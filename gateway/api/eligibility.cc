#include "gateway/api/eligibility.h"

#include "gateway/api/media.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {

HandlerResult Eligibility::ask(Context& context) {
    static auto& latency = latency_histogram("shikaku_answer_seconds", "Time to answer a question");
    if (!has_content_type(context.request, "application/json"))
        co_return fail(ErrorCode::unsupported_media_type, "application/json is expected");
    const auto question = parse_question(context.request.body, context.received);
    if (!question) co_return fail(question.error());
    const auto trust = trust_();
    auto body = co_await desk_.ask(*trust, context.caller, context.request_id, *question,
                                   wants_receipt(context.request));
    if (!body) co_return fail(body.error());
    latency.Observe(std::chrono::duration<double>(clock_.now() - context.received).count());
    http::Response response;
    response.body = std::move(*body);
    co_return response;
}

}  // namespace shikaku::api
