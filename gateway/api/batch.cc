// The batch: up to bounds::kBatchQuestions questions in flight in windows, so that their log
// entries share group commits; answers stream out in order.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "gateway/api/batch.h"

#include <algorithm>

#include "gateway/api/answer_body.h"
#include "gateway/api/denial.h"
#include "gateway/api/eligibility.h"
#include "gateway/api/media.h"
#include "gateway/api/problem.h"
#include "gateway/api/turnstile.h"
#include "gateway/support/bounds.h"
#include "gateway/support/json_scan.h"
#include "gateway/support/log.h"
#include "gateway/support/text.h"

namespace shikaku::api {

struct Eligibility::Batch {
    identity::Caller caller;
    std::string request_id;
    Instant received{};
    bool with_receipt = false;
    std::vector<BatchLine> questions;
    std::vector<std::string> lines;  // answers of the window, in order
    std::size_t next = 0;
    std::size_t waiting = 0;  // of the window
    std::optional<asio::steady_timer> window_done;
};

namespace {

Error too_many_questions() {
    return {ErrorCode::body_too_large,
            "at most " + std::to_string(bounds::kBatchQuestions) + " questions a batch"};
}

BatchLine batch_line(std::string_view text) {
    if (text.size() > bounds::kApiBodyBytes)
        return fail(ErrorCode::body_too_large,
                    "a question has at most " + std::to_string(bounds::kApiBodyBytes) + " bytes");
    return std::string(text);
}

Result<std::vector<BatchLine>> split_lines(std::string_view body) {
    if (static_cast<std::size_t>(std::ranges::count(body, '\n')) > bounds::kBatchLines)
        return fail(too_many_questions());
    std::vector<BatchLine> questions;
    while (!body.empty()) {
        const std::size_t end = std::min(body.find('\n'), body.size());
        std::string_view line = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (trim(line).empty()) continue;
        if (questions.size() == bounds::kBatchQuestions) return fail(too_many_questions());
        questions.push_back(batch_line(line));
    }
    return questions;
}

// Cuts the elements of the member "questions" out of the text as they stand, and stops the scan at
// one too many. No tree is built: what is in a question is read when its turn comes.
class QuestionCutter {
  public:
    explicit QuestionCutter(std::string_view body) : body_(body) {}

    [[nodiscard]] Result<std::vector<BatchLine>> run() {
        JsonScan scan(body_, *this);
        scan_ = &scan;
        if (scan.run()) {
            if (!found_) return not_an_array();
            return std::move(questions_);
        }
        if (too_many_) return fail(too_many_questions());
        return fail(json_error(scan.problem(), scan.position()));
    }

    bool key(std::string_view name) {
        if (depth_ == 1) named_ = name == "questions";
        return true;
    }
    bool open(bool object) {
        if (depth_ == 1 && named_ && !object) {
            found_ = inside_ = true;
            cut_ = scan_->position();
        }
        ++depth_;
        return true;
    }
    bool close() {
        --depth_;
        if (depth_ == 1) inside_ = named_ = false;
        return ended();
    }
    bool value(const JsonScalar& /*value*/) { return ended(); }

  private:
    static std::unexpected<Error> not_an_array() {
        return fail(ErrorCode::invalid_field, "questions must be an array", "/questions");
    }

    // Behind a value, which is a question when the list itself is what is open.
    bool ended() {
        if (!inside_ || depth_ != 2) return true;
        if (questions_.size() == bounds::kBatchQuestions) {
            too_many_ = true;
            return false;
        }
        const std::size_t end = scan_->position();
        std::string_view text = body_.substr(cut_, end - cut_);
        text.remove_prefix(text.find_first_not_of(" \t\r\n,"));
        questions_.push_back(batch_line(text));
        cut_ = end;
        return true;
    }

    std::string_view body_;
    const JsonScan<QuestionCutter>* scan_ = nullptr;
    std::vector<BatchLine> questions_;
    std::size_t depth_ = 0;
    std::size_t cut_ = 0;  // behind the last question
    bool named_ = false;   // the member that comes is "questions"
    bool found_ = false;   // it was an array
    bool inside_ = false;  // it is open
    bool too_many_ = false;
};

}  // namespace

Result<std::vector<BatchLine>> split_questions(const http::Request& request) {
    Result<std::vector<BatchLine>> questions;
    if (has_content_type(request, "application/x-ndjson")) {
        questions = split_lines(request.body);
    } else if (has_content_type(request, "application/json")) {
        questions = QuestionCutter(request.body).run();
    } else {
        return fail(ErrorCode::unsupported_media_type,
                    "application/json or application/x-ndjson is expected");
    }
    if (questions && questions->empty())
        return fail(ErrorCode::invalid_field, "no question", "/questions");
    return questions;
}

std::int64_t cost_of_splitting(const http::Request& request) {
    return 1 + static_cast<std::int64_t>(request.body.size() / bounds::kApiBodyBytes);
}

domain::Priority likely_priority(std::string_view text) {
    return text.contains("\"bulk\"") ? domain::Priority::bulk : domain::Priority::scheduled;
}

Result<Question> parse_batch_question(std::string_view text, Instant now) {
    using enum domain::Priority;
    auto question = parse_question(text, now, scheduled);
    if (question && question->priority != scheduled && question->priority != bulk)
        return fail(ErrorCode::invalid_field, "a batch is scheduled or bulk", "/priority");
    return question;
}

HandlerResult Eligibility::ask_many(Context& context) {
    const Client client = client_of(context.caller);
    const auto now = std::chrono::steady_clock::now();
    context.rate = parts_.limits.look(client, 1, now);
    if (!context.rate.allowed) co_return fail(too_many_requests(client, context.rate));
    auto questions = split_questions(context.request);
    if (!questions) {
        context.rate = parts_.limits.charge(client, cost_of_splitting(context.request), now);
        co_return fail(questions.error());
    }
    const auto cost = static_cast<std::int64_t>(questions->size());
    context.rate = parts_.limits.take(client, cost, now);
    if (!context.rate.allowed) {
        parts_.limits.charge(client, cost_of_splitting(context.request), now);
        context.rate = parts_.limits.look(client, cost, now);  // when it would pass now
        co_return fail(too_many_requests(client, context.rate));
    }
    std::string().swap(context.request.body);  // answering takes long; once in memory is enough
    auto batch = std::make_shared<Batch>(Batch{.caller = context.caller,
                                               .request_id = context.request_id,
                                               .received = context.received,
                                               .with_receipt = wants_receipt(context.request),
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

// Reading a question is part of its turn.
asio::awaitable<Result<std::string>> Eligibility::answer_in_turn(std::shared_ptr<Batch> batch,
                                                                 const BatchLine& line) {
    if (!line) co_return fail(line.error());
    const auto client = client_of(batch->caller).key;
    const domain::Priority priority = likely_priority(*line);
    const auto turnstile = Turnstile::of_this_thread(co_await asio::this_coro::executor);
    auto turn = turnstile->try_enter(client, priority);
    if (!turn) {
        SHIKAKU_CO_TRY_LET(auto turn_came,
                           co_await turnstile->wait(client, priority, Turnstile::Patience::batch));
        turn.emplace(std::move(turn_came));
    }
    // Whom to believe may have changed since the batch began.
    const auto trust = parts_.trust();
    if (trust->withdrawn.contains(batch->caller.label()))
        co_return fail(ErrorCode::institution_withdrawn, "withdrawn by configuration");
    SHIKAKU_CO_TRY_LET(const auto question, parse_batch_question(*line, batch->received));
    SHIKAKU_CO_TRY_LET(const auto proven,
                       co_await parts_.inquiry.ask(*trust, batch->caller, batch->request_id,
                                                   question, batch->with_receipt));
    co_return answer_body(proven_body(proven), parts_.log_origin, question.known_content_hash);
}

asio::awaitable<void> Eligibility::answer_line(std::shared_ptr<Batch> batch, std::size_t line) {
    std::string& out = batch->lines[line - batch->next];
    Result<std::string> answer = co_await answer_in_turn(batch, batch->questions[line]);
    if (answer) {
        out = std::move(*answer);
        co_return;
    }
    const Error refused = co_await parts_.denials.refuse({.caller = batch->caller.label(),
                                                          .request_id = batch->request_id,
                                                          .route = kBatchRoute,
                                                          .error = answer.error()});
    out = problem_json(refused, batch->request_id);
}

}  // namespace shikaku::api
