#include "gateway/domain/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/domain/age.h"
#include "gateway/domain/authority_names.h"
#include "gateway/domain/copay_line.h"
#include "gateway/domain/exclusion.h"
#include "gateway/domain/explain_texts.h"
#include "gateway/domain/houbetsu.h"
#include "gateway/domain/payer_order.h"
#include "gateway/domain/summary.h"

namespace shikaku::domain {
namespace {

std::string subject_of(const SubsidyDecision& subsidy) {
    return fmt::format("{}/{}", subsidy.authority.text(), scheme_id(subsidy));
}

// Walks through one row's checks in the order of judge(), stopping where it stopped.
class RowExplainer {
  public:
    RowExplainer(std::vector<Step>& steps, const Query& query, std::span<const Row> rows,
                 const Row& row)
        : steps_(steps),
          query_(query),
          rows_(rows),
          row_(row),
          subsidy_(row.subsidy),
          entitlement_(*row.subsidy.entitlement),
          subject_(subject_of(row.subsidy)) {}

    void run() {
        if (checks_pass() && !superseded()) settlement_and_order();
        if (row_.subsidy.reason == Reason::SOURCE_UNAVAILABLE)
            add("source", false,
                row_.source_failed ? explain_texts::only_what_it_said_before()
                                   : explain_texts::only_what_the_other_said_before());
    }

  private:
    bool add(std::string_view rule, bool passed, Localized text) {
        steps_.push_back({.rule = std::string(rule),
                          .subject = subject_,
                          .passed = passed,
                          .text = std::move(text)});
        return passed;
    }

    bool checks_pass() {
        add("scheme", subsidy_.rule != nullptr,
            explain_texts::scheme(subsidy_.scheme, subsidy_.rule));
        const Reason dates = check_dates(entitlement_, query_.service_date);
        if (!add("validity", dates == Reason::ACTIVE,
                 explain_texts::validity(entitlement_, query_.service_date, dates)))
            return false;
        if (!entitlement_.designated_institutions.empty() &&
            !add("designation", is_designated(entitlement_, query_.institution),
                 explain_texts::designation(is_designated(entitlement_, query_.institution))))
            return false;
        return subsidy_.rule == nullptr || rules_pass(*subsidy_.rule);
    }

    bool rules_pass(const RuleVersion& rule) {
        const std::optional<Date>& birth = birth_date_of(entitlement_, query_);
        const CopayChoice choice = choose_copay(rule, {.entitlement = entitlement_,
                                                       .payer_number = subsidy_.payer_number,
                                                       .birth_date = birth,
                                                       .setting = query_.setting,
                                                       .on = query_.service_date});
        const bool covered = choice.state != CopayChoice::State::not_covered;
        if (!add("setting", covered, explain_texts::setting(query_.setting, choice))) return false;
        if (rule.age) {
            const Answered age = check_age(rule.age, birth, query_.service_date);
            if (!add("age", age != Answered::no, explain_texts::age(*rule.age, age))) return false;
        }
        const Condition condition =
            check_conditions(rule, entitlement_, birth, query_.service_date);
        if (condition != Condition::met || !rule.required_conditions.empty() ||
            !rule.required_segments.empty() || !rule.excluded_segments.empty())
            return add("conditions", is_met(condition), explain_texts::condition(condition));
        return true;
    }

    bool superseded() {
        if (subsidy_.rule == nullptr || subsidy_.rule->excluded_by.empty()) return false;
        const auto excluder = std::ranges::find_if(rows_, [&](const Row& other) {
            return other.subsidy.outcome == Outcome::eligible && gives_way(row_, other);
        });
        const bool stands = subsidy_.outcome == Outcome::eligible || excluder == rows_.end();
        return !add(
            "exclusion", stands,
            explain_texts::exclusion(stands ? std::string() : subject_of(excluder->subsidy)));
    }

    void settlement_and_order() {
        const Settling settling = settle(subsidy_.rule, subsidy_.authority, entitlement_, query_);
        add("settlement", settling.settlement == Settlement::in_kind,
            explain_texts::settlement(settling));
        if (subsidy_.reason != Reason::ACTIVE) return;
        const std::string_view law_code = law_code_of(subsidy_);
        add("order", subsidy_.claim_order > 0,
            explain_texts::order(law_code, is_national_law_code(law_code), national_order(law_code),
                                 subsidy_.claim_order));
    }

    std::vector<Step>& steps_;
    const Query& query_;
    std::span<const Row> rows_;
    const Row& row_;
    const SubsidyDecision& subsidy_;
    const Entitlement& entitlement_;
    std::string subject_;
};

void add_sources(const Case& facts, std::vector<Step>& steps) {
    std::vector<const Finding*> findings = named_findings(facts);
    std::ranges::sort(findings, [](const Finding* a, const Finding* b) {
        return std::tie(a->authority, a->status, a->kind) <
               std::tie(b->authority, b->status, b->kind);
    });
    for (const Finding* finding : findings) {
        const std::optional<Reason> because = unknown_because(*finding);
        steps.push_back({.rule = "source",
                         .subject = std::string(finding->authority.text()),
                         .passed = !because,
                         .text = explain_texts::source(*finding, because)});
    }
    for (const SourceStatus status : unnamed_failures(facts))
        steps.push_back({.rule = "source",
                         .subject = {},
                         .passed = false,
                         .text = explain_texts::source_not_named(status)});
}

// A source that matched several people, or knows only what is too old, has said nothing of this
// one.
bool holds_record(const Finding& finding) {
    return is_usable(finding) && !finding.entitlements.empty();
}

}  // namespace

std::vector<const Finding*> named_findings(const Case& facts) {
    const bool somebody_knows = std::ranges::any_of(
        facts.findings, [](const Finding& one) { return !one.entitlements.empty(); });
    std::vector<const Finding*> named;
    named.reserve(facts.findings.size());
    for (const Finding& finding : facts.findings) {
        const bool leads_here = std::ranges::any_of(facts.findings, [&](const Finding& one) {
            return holds_record(one) && (one.authority == finding.authority ||
                                         one.authority.prefecture_authority() == finding.authority);
        });
        if (leads_here || !somebody_knows) named.push_back(&finding);
    }
    return named;
}

std::vector<SourceStatus> unnamed_failures(const Case& facts) {
    const auto named = named_findings(facts);
    std::vector<SourceStatus> failures;
    for (const Finding& finding : facts.findings) {
        if (unknown_because(finding) && std::ranges::find(named, &finding) == named.end())
            failures.push_back(finding.status);
    }
    std::ranges::sort(failures);
    const auto twice = std::ranges::unique(failures);
    failures.erase(twice.begin(), twice.end());
    return failures;
}

std::vector<Step> explain(const Case& facts, std::span<const Row> rows, const Decision& decision) {
    std::vector<Step> steps;
    steps.push_back({.rule = "consent",
                     .subject = {},
                     .passed = facts.query.consent,
                     .text = explain_texts::consent(facts.query.consent)});
    if (facts.query.consent) {
        add_sources(facts, steps);
        for (const Row& row : rows)
            RowExplainer(steps, facts.query, rows, row).run();
        if (facts.query.insurance) {
            const bool lost = facts.query.insurance->status == Insurance::Status::invalid;
            steps.push_back({.rule = "insurance",
                             .subject = {},
                             .passed = !lost,
                             .text = explain_texts::insurance(facts.query.insurance->status)});
        }
    }
    steps.push_back({.rule = "overall",
                     .subject = {},
                     .passed = decision.outcome == Outcome::eligible,
                     .text = explain_texts::overall(decision)});
    return steps;
}

}  // namespace shikaku::domain
