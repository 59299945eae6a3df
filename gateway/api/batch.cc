// The batch: up to bounds::kBatchQuestions questions in flight in windows, so that their log
// entries share group commits; answers stream out in order.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "gateway/api/batch.h"

#include "gateway/api/denial.h"
#include "gateway/api/eligibility.h"
#include "gateway/api/media.h"
#include "gateway/api/problem.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/text.h"

namespace shikaku::api {

struct Eligibility::Batch {
    identity::Caller caller;
    std::string request_id;
    Instant received{};
    bool with_receipt = false;
    std::shared_ptr<const Trust> trust;
    std::vector<std::string> questions;
    std::vector<std::string> lines;  // answers of the window, in order
    std::size_t next = 0;
    std::size_t waiting = 0;  // of the window
    std::optional<asio::steady_timer> window_done;
};

Result<std::vector<std::string>> split_questions(const http::Request& request) {
    std::vector<std::string> questions;
    if (has_content_type(request, "application/x-ndjson")) {
        for (std::string_view line : split(request.body, '\n')) {
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (!trim(line).empty()) questions.emplace_back(line);
        }
    } else if (has_content_type(request, "application/json")) {
        const auto body = parse_json(request.body);
        if (!body) return fail(body.error());
        const auto list = body->is_object() ? body->find("questions") : body->end();
        if (!body->is_object() || list == body->end() || !list->is_array())
            return fail(ErrorCode::invalid_field, "questions must be an array", "/questions");
        for (const Json& question : *list)
            questions.push_back(question.dump());
    } else {
        return fail(ErrorCode::unsupported_media_type,
                    "application/json or application/x-ndjson is expected");
    }
    if (questions.empty()) return fail(ErrorCode::invalid_field, "no question", "/questions");
    if (questions.size() > bounds::kBatchQuestions)
        return fail(ErrorCode::body_too_large, "at most 1000 questions a batch");
    return questions;
}

Result<Question> parse_batch_question(std::string_view text, Instant now) {
    using enum domain::Priority;
    auto question = parse_question(text, now, scheduled);
    if (question && question->priority != scheduled && question->priority != bulk)
        return fail(ErrorCode::invalid_field, "a batch is scheduled or bulk", "/priority");
    return question;
}

HandlerResult Eligibility::ask_many(Context& context) {
    auto questions = split_questions(context.request);
    if (!questions) co_return fail(questions.error());
    auto batch = std::make_shared<Batch>(Batch{.caller = context.caller,
                                               .request_id = context.request_id,
                                               .received = context.received,
                                               .with_receipt = wants_receipt(context.request),
                                               .trust = trust_(),
                                               .questions = std::move(*questions),
                                               .lines = {},
                                               .window_done = {}});
    http::Response response;
    response.content_type = "application/x-ndjson";
    response.stream = [this, batch] { return next_lines(batch); };
    co_return response;
}

asio::awaitable<Result<std::string>> Eligibility::next_lines(std::shared_ptr<Batch> batch) {
    const std::size_t first = batch->next;
    const std::size_t last = std::min(batch->questions.size(), first + bounds::kBatchWindow);
    if (first == last) co_return std::string();
    const auto executor = co_await asio::this_coro::executor;
    batch->lines.assign(last - first, {});
    batch->waiting = last - first;
    batch->window_done.emplace(executor, asio::steady_timer::time_point::max());
    for (std::size_t line = first; line < last; ++line) {
        asio::co_spawn(executor, answer_line(batch, line), [batch](const std::exception_ptr& bug) {
            if (bug) log_error("bug: a batch line threw");
            if (--batch->waiting == 0) batch->window_done->cancel();
        });
    }
    if (batch->waiting > 0)
        co_await batch->window_done->async_wait(asio::as_tuple(asio::use_awaitable));
    batch->next = last;
    std::size_t bytes = 0;
    for (std::string& line : batch->lines) {
        if (line.empty()) line = problem_json({ErrorCode::internal, {}, {}}, batch->request_id);
        bytes += line.size() + 1;
    }
    std::string out;
    out.reserve(bytes);
    for (const std::string& line : batch->lines) {
        out += line;
        out += '\n';
    }
    co_return out;
}

asio::awaitable<void> Eligibility::answer_line(std::shared_ptr<Batch> batch, std::size_t line) {
    std::string& out = batch->lines[line - batch->next];
    const auto question = parse_batch_question(batch->questions[line], batch->received);
    Result<std::string> answer = fail(question ? Error{} : question.error());
    if (question)
        answer = co_await desk_.ask(*batch->trust, batch->caller, batch->request_id, *question,
                                    batch->with_receipt);
    if (answer) {
        out = std::move(*answer);
        co_return;
    }
    const Error refused = co_await log_denial(log_, {.caller = batch->caller.label(),
                                                     .request_id = batch->request_id,
                                                     .route = kBatchRoute,
                                                     .error = answer.error()});
    out = problem_json(refused, batch->request_id);
}

}  // namespace shikaku::api
