#include "gateway/domain/decide.h"

#include "gateway/domain/exclusion.h"
#include "gateway/domain/explain.h"
#include "gateway/domain/history.h"
#include "gateway/domain/payer_order.h"
#include "gateway/domain/summary.h"

namespace shikaku::domain {
namespace {

std::vector<Row> judge_all(const Case& facts, const RuleBook& rules) {
    std::size_t count = 0;
    for (const Finding& finding : facts.findings)
        count += finding.entitlements.size();
    std::vector<Row> rows;
    rows.reserve(count);
    for (const Finding& finding : facts.findings) {
        if (!is_usable(finding)) continue;
        for (const Entitlement& entitlement : finding.entitlements)
            rows.push_back(judge(facts.query, finding, entitlement, rules));
    }
    return rows;
}

// A no from a source that failed, or because of one, is only what it said before: that may have
// changed since.
void doubt_old_refusals(std::vector<Row>& rows) {
    for (Row& row : rows) {
        const bool doubtful = row.source_failed || row.excluder_failed;
        if (!doubtful || row.subsidy.outcome != Outcome::not_eligible) continue;
        set_reason(row.subsidy,
                   row.beyond_policy ? Reason::STALE_BEYOND_POLICY : Reason::SOURCE_UNAVAILABLE);
        row.subsidy.notes.push_back(kLastKnownNo);
    }
}

}  // namespace

Decision decide(const Case& facts, const RuleBook& rules) {
    Decision decision;
    if (!facts.query.consent) {
        decision.reason = Reason::CONSENT_REFUSED;
        decision.outcome = info(decision.reason).outcome;
        if (facts.query.explain) decision.steps = explain(facts, {}, decision);
        return decision;
    }
    std::vector<Row> rows = judge_all(facts, rules);
    keep_most_relevant(rows);
    apply_exclusions(rows, rules);
    doubt_old_refusals(rows);
    order_payers(rows, rules);
    summarise(facts, rows, rules, decision);
    if (facts.query.explain) decision.steps = explain(facts, rows, decision);
    decision.subsidies.reserve(rows.size());
    for (Row& row : rows)
        decision.subsidies.push_back(std::move(row.subsidy));
    return decision;
}

}  // namespace shikaku::domain
