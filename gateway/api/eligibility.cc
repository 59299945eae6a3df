#include "gateway/api/eligibility.h"

#include <boost/asio/this_coro.hpp>

#include "gateway/api/answer_body.h"
#include "gateway/api/media.h"
#include "gateway/api/turnstile.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {

// What is no question costs as one. An emergency passes the client's limit, as far as its share of
// emergencies goes; the others are what most questions are.
Status Eligibility::admit(Context& context, Client client, Result<Question>& question) {
    static auto& beyond_share =
        counter("shikaku_emergencies_beyond_share_total",
                "Questions that said emergency and were counted as walk_in: their clinic sent more "
                "of them than its share");
    const auto now = std::chrono::steady_clock::now();
    if (question && question->priority == domain::Priority::emergency) {
        if (parts_.limits.take_emergency(client, now)) {
            context.rate = parts_.limits.charge(client, 1, now);
            return {};
        }
        beyond_share.Increment();
        context.emergency_is_walk_in = true;
        question->priority = domain::Priority::walk_in;
    }
    context.rate = parts_.limits.take(client, 1, now);
    if (!context.rate.allowed) return fail(too_many_requests(client, context.rate));
    if (!question) return fail(question.error());
    return {};
}

HandlerResult Eligibility::ask(Context& context) {
    static auto& latency = latency_histogram("shikaku_answer_seconds", "Time to answer a question");
    Result<Question> question =
        fail(ErrorCode::unsupported_media_type, "application/json is expected");
    if (has_content_type(context.request, "application/json"))
        question = parse_question(context.request.body, context.received);
    const Client client = client_of(context.caller);
    SHIKAKU_CO_TRY(admit(context, client, question));

    const auto turnstile = Turnstile::of_this_thread(co_await asio::this_coro::executor);
    auto turn = turnstile->try_enter(client.key, question->priority);
    if (!turn) {
        SHIKAKU_CO_TRY_LET(auto waited, co_await turnstile->wait(client.key, question->priority,
                                                                 Turnstile::Patience::desk));
        turn.emplace(std::move(waited));
    }
    const auto trust = parts_.trust();
    SHIKAKU_CO_TRY_LET(const auto proven,
                       co_await parts_.inquiry.ask(*trust, context.caller, context.request_id,
                                                   *question, wants_receipt(context.request)));
    latency.Observe(std::chrono::duration<double>(parts_.clock.now() - context.received).count());
    http::Response response;
    response.body = answer_body(proven, parts_.log_origin, question->known_content_hash);
    co_return response;
}

}  // namespace shikaku::api
