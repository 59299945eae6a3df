#include "gateway/inquiry/inquiry.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
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

using identity::ReplayGuard;

// What makes two uses of one token "the same request": the certificate and everything that can
// change the answer.
audit::TokenUse token_use(const crypto::KeyRing& keys, const identity::Caller& caller,
                          const Question& question, const identity::CardToken& token) {
    const auto blind = [&keys](std::string_view text) {
        return keys.blind(crypto::BlindPurpose::token, as_bytes(text));
    };
    std::string name = token.issuer;
    name += '\0';
    name += token.token_id;
    std::string request(as_text(caller.certificate));
    request += question.service_date.iso();
    request += domain::name(question.setting);
    request += question.explain ? 'e' : '-';

    audit::TokenUse use{.expires_s = token.expires_s};
    std::ranges::copy_n(blind(name).begin(), use.key.size(), use.key.begin());
    std::ranges::copy_n(blind(request).begin(), use.request.size(), use.request.begin());
    return use;
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

// The first use of this token is being answered at this moment, on another connection: wait for it.
asio::awaitable<ReplayGuard::Claim> claim_when_answered(ReplayGuard& guard, audit::TokenUse use,
                                                        const Clock& clock) {
    const auto deadline = std::chrono::steady_clock::now() + bounds::kQuestionTime * 2;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    ReplayGuard::Claim claim = guard.claim(use.key, use.request, use.expires_s, clock.now());
    while (claim.state == ReplayGuard::Claim::State::in_progress &&
           std::chrono::steady_clock::now() < deadline) {
        timer.expires_after(bounds::kRepeatPoll);
        auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (error) break;
        claim = guard.claim(use.key, use.request, use.expires_s, clock.now());
    }
    co_return claim;
}

// Of a token, until it is answered: otherwise, whatever happens, the token may be used again.
class FirstUse {
  public:
    FirstUse(ReplayGuard& guard, const identity::TokenKey& token) : guard_(guard), token_(token) {}
    ~FirstUse() {
        if (!answered_) guard_.release(token_);
    }
    FirstUse(const FirstUse&) = delete;
    FirstUse& operator=(const FirstUse&) = delete;
    void answered(std::uint64_t log_index, Instant now) {
        guard_.answered(token_, log_index, now);
        answered_ = true;
    }

  private:
    ReplayGuard& guard_;
    identity::TokenKey token_;
    bool answered_ = false;
};

}  // namespace

// A forged token is the one request that costs us much more than its sender: who has sent too many
// is not believed for a while. An emergency is; there are few of them.
Result<identity::CardToken> Inquiry::read_token(const Trust& trust, const identity::Caller& caller,
                                                const Question& question) const {
    static auto& forged = counter("shikaku_forged_tokens_total",
                                  "Card tokens of which nothing but the signature was wrong");
    SHIKAKU_TRY_LET(auto token, identity::UncheckedToken::read(question.card_token, *trust.issuers,
                                                               trust.audience, caller.certificate,
                                                               parts_.clock.now()));
    if (question.priority != domain::Priority::emergency) {
        SHIKAKU_TRY(parts_.forgeries.may_check_signature(caller));
    }
    if (auto right = token.check_signature(); !right) {
        forged.Increment();
        parts_.forgeries.count_forged(caller);
        return fail(std::move(right.error()));
    }
    return std::move(token).open();
}

asio::awaitable<Result<Proven>> Inquiry::ask(const Trust& trust, const identity::Caller& caller,
                                             std::string_view request_id, const Question& question,
                                             bool with_receipt) {
    SHIKAKU_CO_TRY(parts_.clock.trusted());
    SHIKAKU_CO_TRY_LET(const auto token, read_token(trust, caller, question));
    if (domain::differ(token.linkage_check, trust.linkage))
        co_return fail(ErrorCode::token_invalid,
                       "claim linkage_check is another linkage secret's than this gateway's");

    const audit::TokenUse use = token_use(parts_.keys, caller, question, token);
    ReplayGuard::Claim claim =
        parts_.replay_guard.claim(use.key, use.request, use.expires_s, parts_.clock.now());
    if (claim.state == ReplayGuard::Claim::State::in_progress)
        claim = co_await claim_when_answered(parts_.replay_guard, use, parts_.clock);

    using State = ReplayGuard::Claim::State;
    switch (claim.state) {
        case State::first:
            break;
        case State::repeat:
            co_return co_await answer_again(claim.index, with_receipt);
        case State::replayed:
            co_return fail(ErrorCode::token_replayed);
        case State::full:
        case State::in_progress:
            co_return fail(ErrorCode::overloaded, "too many card tokens in use");
    }

    FirstUse first(parts_.replay_guard, use.key);
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
        SHIKAKU_CO_TRY(co_await audit::covered(parts_.log, index));
        SHIKAKU_CO_TRY_LET(auto text, parts_.log.receipt(index, {.opened = audit::Opened::asker}));
        receipt = std::move(text);
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
