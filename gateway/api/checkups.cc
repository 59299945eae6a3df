#include "gateway/api/checkups.h"

#include <boost/asio/this_coro.hpp>

#include "gateway/api/admission.h"
#include "gateway/api/answer_body.h"
#include "gateway/api/media.h"
#include "gateway/api/question_body.h"
#include "gateway/api/turnstile.h"

namespace shikaku::api {
namespace {

Result<domain::Priority*> priority_of(Result<inquiry::CheckupQuestion>& question) {
    if (!question) return fail(question.error());
    return &question->priority;
}

}  // namespace

HandlerResult Checkups::ask(Context& context) {
    Result<inquiry::CheckupQuestion> question =
        fail(ErrorCode::unsupported_media_type, "application/json is expected");
    if (has_content_type(context.request, "application/json"))
        question = parse_checkup_question(context.request.body, context.received);
    const Client client = client_of(context.caller);
    SHIKAKU_CO_TRY(admit(parts_.limits, context, client, priority_of(question)));

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
    http::Response response;
    response.body = answer_body({.answer_id = proven.answer.answer_id,
                                 .head = proven.answer.head,
                                 .content_hash = proven.answer.content_hash,
                                 .index = proven.index,
                                 .receipt = proven.receipt},
                                parts_.log_origin, question->known_content_hash);
    co_return response;
}

}  // namespace shikaku::api
