#include "gateway/inquiry/checkup_inquiry.h"

#include <algorithm>
#include <map>

#include "gateway/audit/await.h"
#include "gateway/kinds/checkup/checkup_kind.h"
#include "gateway/kinds/checkup/published.h"
#include "gateway/storage/ports/await.h"
#include "gateway/support/bounds.h"
#include "gateway/support/id.h"
#include "gateway/support/metrics.h"

namespace shikaku::inquiry {
namespace {

namespace asio = boost::asio;

// A token that was used to ask about subsidies is no repeat of this.
std::string request_of(const CheckupQuestion& question) {
    return question.service_date.iso() + "checkups";
}

// What cannot be logged whole cannot be answered: of whoever said the most, the older half counts
// as not heard. False when nobody said anything.
bool leave_out_oldest(checkup::Facts& facts) {
    const auto longest = std::ranges::max_element(
        facts.findings, {}, [](const checkup::Finding& one) { return one.checkups.size(); });
    if (longest == facts.findings.end() || longest->checkups.empty()) return false;
    auto& rows = longest->checkups;
    std::ranges::sort(rows, std::ranges::greater(), [](const checkup::Checkup& one) {
        return std::pair(one.fiscal_year, one.history_key);
    });
    rows.resize(rows.size() / 2);
    longest->status = domain::SourceStatus::unavailable;
    return true;
}

void count_answer(checkup::Reason reason) {
    using enum checkup::Reason;
    static const auto by_reason = [] {
        std::map<checkup::Reason, prometheus::Counter*> counters;
        for (const checkup::Reason known : {FOUND, FOUND_PARTLY, NO_RECORD, CONSENT_REFUSED,
                                            NOT_CONNECTED, SOURCE_UNAVAILABLE, STALE_BEYOND_POLICY})
            counters[known] = &counter(
                "shikaku_checkup_answers_total", "Questions about checkups answered, by outcome",
                {{"outcome", std::string(checkup::name(checkup::info(known).outcome))},
                 {"reason", std::string(checkup::info(known).name)}});
        return counters;
    }();
    by_reason.at(reason)->Increment();
}

}  // namespace

CheckupInquiry::CheckupInquiry(const Parts& parts)
    : parts_(parts),
      gate_({.keys = parts.keys,
             .log = parts.log,
             .replay_guard = parts.replay_guard,
             .clock = parts.clock,
             .forgeries = parts.forgeries}) {}

asio::awaitable<Result<ProvenCheckups>> CheckupInquiry::ask(const Trust& trust,
                                                            const identity::Caller& caller,
                                                            std::string_view request_id,
                                                            const CheckupQuestion& question,
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
    checkup::Answer answer;
    SHIKAKU_CO_TRY_LET(const auto appended,
                       co_await answer_first(caller, request_id, question, token, use, answer));
    first.answered(appended.index, parts_.clock.now());
    // Only another gateway on the same log can have been first.
    if (appended.repeated) co_return co_await answer_again(appended.index, with_receipt);
    co_return co_await finish(std::move(answer), appended.index, with_receipt);
}

asio::awaitable<Result<ProvenCheckups>> CheckupInquiry::answer_again(std::uint64_t index,
                                                                     bool with_receipt) {
    SHIKAKU_CO_TRY(co_await audit::covered(parts_.log, index));
    SHIKAKU_CO_TRY_LET(auto answer, answer_from_log(index));
    co_return co_await finish(std::move(answer), index, with_receipt);
}

asio::awaitable<Result<audit::Appended>> CheckupInquiry::answer_first(
    const identity::Caller& caller, std::string_view request_id, const CheckupQuestion& question,
    const identity::CardToken& token, audit::TokenUse use, checkup::Answer& answer) {
    checkup::Facts facts{.query = {.institution = *caller.institution,
                                   .service_date = question.service_date,
                                   .consent = token.consent_checkups,
                                   .residence = token.residence}};
    // Without this consent nobody is asked.
    if (token.consent_checkups) facts.findings = co_await findings_about(token);
    const checkup::Packs packs = packs_of(facts.findings);
    const Instant now = parts_.clock.now();
    const std::string answer_id = make_ulid(now);
    audit::Detail detail;
    do {
        answer = checkup::derive_answer(facts, packs, answer_id, now);
        detail = checkup_detail({.caller = caller,
                                 .request_id = request_id,
                                 .token = token,
                                 .priority = question.priority,
                                 .facts = facts,
                                 .packs = packs,
                                 .answer = answer,
                                 .answered = now},
                                parts_.keys);
    } while (detail.size() > bounds::kLogDetailBytes && leave_out_oldest(facts));
    co_return co_await audit::append(
        parts_.log, {.kind = audit::Kind::checkups, .detail = std::move(detail), .token = use});
}

asio::awaitable<std::vector<checkup::Finding>> CheckupInquiry::findings_about(
    const identity::CardToken& token) const {
    const auto connections = parts_.sources.connections();
    const checkup::Source source{
        .in_force =
            [this](domain::AuthorityCode authority) {
                return parts_.registry.in_force(checkup::checkups_of(authority));
            },
        .published_up_to =
            [&connections](domain::AuthorityCode authority) {
                const auto found = connections->find(authority);
                return found == connections->end() ? sources::Policy{}.published_up_to
                                                   : found->second.policy.published_up_to;
            }};
    checkup::Rows read;
    if (token.residence) read.before = source.in_force(*token.residence);
    auto reply = parts_.registry.look_up_rows(registry::RecordType::checkups, token.link_key);
    if (reply.is_there())
        read.rows = std::move(reply).take();
    else
        read.rows = co_await storage::arrived(std::move(reply));
    const checkup::About about{
        .link_key = token.link_key, .linkage = token.linkage_check, .residence = token.residence};
    co_return checkup::find_published(source, about, read, parts_.clock.now());
}

checkup::Packs CheckupInquiry::packs_of(const std::vector<checkup::Finding>& findings) const {
    checkup::Packs packs;
    for (const checkup::Finding& finding : findings)
        if (auto pack = parts_.registry.packs().in_force(checkup::checkups_of(finding.authority)))
            packs.emplace(finding.authority, checkup::as_checkup_pack(pack));
    return packs;
}

asio::awaitable<Result<ProvenCheckups>> CheckupInquiry::finish(checkup::Answer answer,
                                                               std::uint64_t index,
                                                               bool with_receipt) {
    std::string receipt;
    if (with_receipt) {
        SHIKAKU_CO_TRY_LET(receipt, co_await gate_.receipt(index));
    }
    count_answer(answer.reason);
    co_return ProvenCheckups{
        .answer = std::move(answer), .index = index, .receipt = std::move(receipt)};
}

Result<checkup::Answer> CheckupInquiry::answer_from_log(std::uint64_t index) const {
    SHIKAKU_TRY_LET(const auto entry, parts_.log.open_entry(index));
    SHIKAKU_TRY_LET(
        auto replayed,
        replay_checkups(entry,
                        [this](domain::AuthorityCode authority, const std::string& version)
                            -> Result<std::shared_ptr<const checkup::CheckupPack>> {
                            SHIKAKU_TRY_LET(const auto pack,
                                            parts_.registry.packs().pack(
                                                checkup::checkups_of(authority), version));
                            return checkup::as_checkup_pack(pack);
                        }));
    return std::move(replayed.answer);
}

}  // namespace shikaku::inquiry
