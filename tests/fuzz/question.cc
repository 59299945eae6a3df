// What a clinic sends: a question, a batch of them, a trace header.
#include "gateway/api/question_body.h"

#include "gateway/api/batch.h"
#include "gateway/api/trace_context.h"
#include "gateway/support/bounds.h"
#include "tests/fuzz/target.h"

namespace {

using namespace shikaku;

constexpr Instant kNow{std::chrono::seconds(1'795'132'800)};

void check_batch(std::string_view type, std::string_view body) {
    http::Request request;
    request.headers.push_back({.name = "Content-Type", .value = std::string(type)});
    request.body = body;
    const auto questions = api::split_questions(request);
    if (!questions) return;
    fuzz::require(!questions->empty() && questions->size() <= bounds::kBatchQuestions);
    for (const auto& question : *questions) {
        if (question) (void)api::parse_batch_question(*question, kNow);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::Input(data, size).text();
    if (const auto question = api::parse_question(text, kNow)) {
        fuzz::require(!question->card_token.empty());
        fuzz::require(question->today.iso() == "2026-11-20");
    }
    check_batch("application/json", text);
    check_batch("application/x-ndjson", text);
    if (const auto trace = api::parse_traceparent(text)) {
        fuzz::require(trace->size() == 55);
        fuzz::require(api::parse_traceparent(*trace) == trace);
    }
    return 0;
}
