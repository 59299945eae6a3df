#include "gateway/inquiry/inquiry.h"

#include <algorithm>
#include <map>

#include "gateway/audit/await.h"
#include "gateway/identity/client.h"
#include "gateway/inquiry/answer_entry.h"
#include "gateway/inquiry/replay.h"
#include "gateway/support/bounds.h"
#include "gateway/support/id.h"
#include "gateway/support/metrics.h"

namespace shikaku::inquiry {
namespace {

namespace asio = boost::asio;

// Everything beside the certificate that can change the answer.
std::string request_of(const Question& question) {
    std::string request;
    request += question.service_date.iso();
    request += domain::name(question.setting);
    request += question.explain ? 'e' : '-';
    return request;
}

domain::Query make_query(const identity::Caller& caller, const Question& question,
                         const identity::CardToken& token) {
    return {.institution = *caller.institution,
            .service_date = question.service_date,
            .today = question.today,
            .setting = question.setting,
            .consent = token.consent,
            .residence = token.residence,
            .birth_date = token.birth_date,
            .insurance = token.insurance,
            .explain = question.explain};
}

// What cannot be logged whole cannot be answered: the source that said the most counts as not
// heard. False when nobody said anything.
bool leave_out_longest(domain::Case& facts) {
    const auto longest = std::ranges::max_element(
        facts.findings, {}, [](const domain::Finding& one) { return one.entitlements.size(); });
    if (longest == facts.findings.end() || longest->entitlements.empty()) return false;
    longest->entitlements.clear();
    longest->status = domain::SourceStatus::unavailable;
    return true;
}

void count_answer(domain::Reason reason) {
    static const auto counters = [] {
        std::map<domain::Reason, prometheus::Counter*> all;
        for (const domain::ReasonInfo& known : domain::kReasons)
            all[known.reason] =
                &counter("shikaku_answers_total", "Questions answered, by overall outcome",
                         {{"outcome", std::string(domain::name(known.outcome))},
                          {"reason", std::string(known.name)}});
        return all;
    }();
    counters.at(reason)->Increment();
}

}  // namespace

asio::awaitable<Result<Proven>> Inquiry::ask(const Trust& trust, const identity::Caller& caller,
                                             std::string_view request_id, const Question& question,
                                             bool with_receipt) {
    SHIKAKU_CO_TRY_LET(const auto token,
                       gate_.believe(trust, caller, question.card_token, question.priority));
    const audit::TokenUse use = gate_.use_of(caller, token, request_of(question));
    auto claim = gate_.claim(use);
    if (claim.state == identity::ReplayGuard::Claim::State::in_progress)
        claim = co_await gate_.claim_when_answered(use);
    SHIKAKU_CO_TRY_LET(const auto earlier, gate_.settle(claim));
    if (earlier) co_return co_await answer_again(*earlier, with_receipt);

    FirstUse first = gate_.first_use(use);
    Answer answer;
    SHIKAKU_CO_TRY_LET(const auto appended,
                       co_await answer_first(caller, request_id, question, token, use, answer));
    first.answered(appended.index, parts_.clock.now());
    // Only another gateway on the same log can have been first.
    if (appended.repeated) co_return co_await answer_again(appended.index, with_receipt);
    co_return co_await finish(std::move(answer), appended.index, with_receipt);
}

asio::awaitable<Result<audit::Appended>> Inquiry::answer_first(
    const identity::Caller& caller, std::string_view request_id, const Question& question,
    const identity::CardToken& token, audit::TokenUse use, Answer& answer) {
    domain::Case facts{.query = make_query(caller, question, token), .findings = {}};
    if (token.consent) {  // without consent nobody is asked
        facts.findings = co_await parts_.sources.ask({.link_key = token.link_key,
                                                      .linkage = token.linkage_check,
                                                      .residence = token.residence,
                                                      .service_date = question.service_date,
                                                      .request_id = std::string(request_id),
                                                      .client = identity::client_of(caller).key,
                                                      .priority = question.priority});
    }
    const auto rules = parts_.registry.rules();
    const Instant now = parts_.clock.now();
    const std::string answer_id = make_ulid(now);
    audit::Detail detail;
    do {
        answer = derive_answer(facts, *rules, answer_id, now);
        detail = eligibility_detail({.caller = caller,
                                     .request_id = request_id,
                                     .token = token,
                                     .priority = question.priority,
                                     .facts = facts,
                                     .rules = *rules,
                                     .answer = answer,
                                     .answered = now},
                                    parts_.keys);
    } while (detail.size() > bounds::kLogDetailBytes && leave_out_longest(facts));
    co_return co_await audit::append(
        parts_.log, {.kind = audit::Kind::eligibility, .detail = std::move(detail), .token = use});
}

// The same answer as the first time, out of its entry.
asio::awaitable<Result<Proven>> Inquiry::answer_again(std::uint64_t index, bool with_receipt) {
    SHIKAKU_CO_TRY(co_await audit::covered(parts_.log, index));
    SHIKAKU_CO_TRY_LET(auto answer, answer_from_log(index));
    co_return co_await finish(std::move(answer), index, with_receipt);
}

asio::awaitable<Result<Proven>> Inquiry::finish(Answer answer, std::uint64_t index,
                                                bool with_receipt) {
    std::string receipt;
    if (with_receipt) {
        SHIKAKU_CO_TRY_LET(receipt, co_await gate_.receipt(index));
    }
    count_answer(answer.reason);
    co_return Proven{.answer = std::move(answer), .index = index, .receipt = std::move(receipt)};
}

Result<Answer> Inquiry::answer_from_log(std::uint64_t index) const {
    SHIKAKU_TRY_LET(const auto entry, parts_.log.open_entry(index));
    SHIKAKU_TRY_LET(auto replayed, replay(entry, [this](domain::AuthorityCode authority,
                                                        const std::string& version) {
                        return parts_.registry.pack(authority, version);
                    }));
    return std::move(replayed.answer);
}

}  // namespace shikaku::inquiry
