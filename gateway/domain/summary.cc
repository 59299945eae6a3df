#include "gateway/domain/summary.h"

#include <algorithm>
#include <array>

namespace shikaku::domain {
namespace {

// Most telling first.
constexpr auto kTelling = std::to_array<Reason>(
    {Reason::AMBIGUOUS_SUBJECT, Reason::SOURCE_UNAVAILABLE, Reason::STALE_BEYOND_POLICY,
     Reason::NOT_CONNECTED, Reason::NOT_DESIGNATED, Reason::SETTING_NOT_COVERED,
     Reason::CONDITION_NOT_MET, Reason::AGE_OUT_OF_RANGE, Reason::SUPERSEDED, Reason::REVOKED,
     Reason::NOT_YET_VALID, Reason::EXPIRED, Reason::NO_RECORD});
static_assert(std::ranges::all_of(kReasons,
                                  [](const ReasonInfo& one) {
                                      return one.outcome == Outcome::eligible ||
                                             one.reason == Reason::CONSENT_REFUSED ||
                                             std::ranges::find(kTelling, one.reason) !=
                                                 kTelling.end();
                                  }),
              "each reason that can stand for the whole answer beside others has its place");

Reason more_telling(Reason a, Reason b) {
    return std::ranges::find(kTelling, a) <= std::ranges::find(kTelling, b) ? a : b;
}

void set_overall(const Case& facts, const std::vector<Row>& rows, Decision& decision) {
    bool eligible = false;
    bool active = false;
    Reason no = Reason::NO_RECORD;
    for (const Row& row : rows) {
        eligible = eligible || row.subsidy.outcome == Outcome::eligible;
        active = active || row.subsidy.reason == Reason::ACTIVE;
        if (row.subsidy.outcome == Outcome::not_eligible) no = more_telling(no, row.subsidy.reason);
    }
    std::optional<Reason> unknown;
    // Where the person lives is not known, so nobody was asked who could know better.
    if (facts.findings.empty() || !facts.query.residence) unknown = Reason::NOT_CONNECTED;
    for (const Finding& finding : facts.findings) {
        const auto because = unknown_because(finding);
        if (because) unknown = unknown ? more_telling(*unknown, *because) : *because;
    }
    if (eligible) {
        decision.reason = active ? Reason::ACTIVE : Reason::ACTIVE_REIMBURSEMENT;
    } else {
        decision.reason = unknown.value_or(no);
    }
    decision.outcome = info(decision.reason).outcome;
}

bool ended(const Row& row) {
    return row.subsidy.reason == Reason::EXPIRED || row.subsidy.reason == Reason::REVOKED;
}

void set_warnings(const Case& facts, const std::vector<Row>& rows, Decision& decision) {
    const bool eligible = decision.outcome == Outcome::eligible;
    const auto warn = [&decision](bool when, std::string_view code) {
        if (when) decision.warnings.push_back({code});
    };
    warn(eligible && insurance_is(facts.query, Insurance::Status::invalid), kInsuranceLost);
    warn(!eligible && std::ranges::any_of(rows, ended) &&
             insurance_is(facts.query, Insurance::Status::valid),
         kSubsidyEndedInsuranceValid);
    warn(eligible && std::ranges::any_of(
                         facts.findings,
                         [](const Finding& finding) {
                             const auto because = unknown_because(finding);
                             const bool used = is_usable(finding) && !finding.entitlements.empty();
                             return because && !used && *because != Reason::NOT_CONNECTED;
                         }),
         kSomeSourcesMissing);
    warn(std::ranges::any_of(facts.findings, &Finding::other_linkage), kLinkageDiffers);
    const auto active = [](const Row& row) { return row.subsidy.outcome == Outcome::eligible; };
    warn(std::ranges::any_of(rows, [&](const Row& r) { return active(r) && r.age_unknown; }),
         kAgeNotChecked);
    warn(std::ranges::any_of(rows, [&](const Row& r) { return active(r) && r.insurer_unknown; }),
         kInsurerNotChecked);
}

}  // namespace

std::optional<Reason> unknown_because(const Finding& finding) {
    if (finding.ambiguous) return Reason::AMBIGUOUS_SUBJECT;
    if (finding.beyond_policy) return Reason::STALE_BEYOND_POLICY;
    if (is_failed(finding)) return Reason::SOURCE_UNAVAILABLE;
    if (finding.status == SourceStatus::not_connected) return Reason::NOT_CONNECTED;
    return std::nullopt;
}

void summarise(const Case& facts, const std::vector<Row>& rows, const RuleBook& rules,
               Decision& decision) {
    set_overall(facts, rows, decision);
    set_warnings(facts, rows, decision);
    decision.last_changed = last_changed(facts, rows, rules);
}

std::optional<Instant> last_changed(const Case& facts, const std::vector<Row>& rows,
                                    const RuleBook& rules) {
    Instant latest{};
    const auto look_at = [&latest](const Entitlement& entitlement) {
        latest =
            std::max({latest, entitlement.changed_at, entitlement.revoked_at.value_or(latest)});
    };
    for (const Finding& finding : facts.findings) {
        if (!is_usable(finding)) continue;
        for (const Entitlement& entitlement : finding.entitlements) {
            if (facts.query.service_date >= entitlement.valid_from &&
                facts.query.service_date <= entitlement.valid_to)
                look_at(entitlement);
        }
    }
    for (const Row& row : rows) {
        look_at(*row.subsidy.entitlement);
        const auto accepted = rules.accepted.find(row.subsidy.authority);
        // A row that was not in force was never judged by rules.
        if (is_in_force(row) && accepted != rules.accepted.end() &&
            Date::of_instant_jst(accepted->second) > facts.query.service_date)
            latest = std::max(latest, accepted->second);
    }
    return latest == Instant{} ? std::nullopt : std::optional(latest);
}

}  // namespace shikaku::domain
