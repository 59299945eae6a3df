#include "gateway/domain/scheme.h"

#include "gateway/support/names.h"

namespace shikaku::domain {
namespace {

constexpr auto kSettlements =
    std::to_array<Named<Settlement>>({{Settlement::in_kind, "in_kind"},
                                      {Settlement::reimbursement, "reimbursement"},
                                      {Settlement::auto_reimbursement, "auto_reimbursement"}});
using enum Copay::Kind;
constexpr auto kCopayKinds =
    std::to_array<Named<Copay::Kind>>({{free, "free"},
                                       {per_visit, "per_visit"},
                                       {per_day, "per_day"},
                                       {first_visit, "first_visit"},
                                       {percentage, "percentage"},
                                       {insurance_share, "insurance_share"},
                                       {not_covered, "not_covered"},
                                       {unknown, "unknown"}});

static_assert(lists_all(kSettlements) && lists_all(kCopayKinds));

}  // namespace

std::string_view name(Settlement settlement) {
    return name_in(kSettlements, settlement);
}
std::optional<Settlement> parse_settlement(std::string_view text) {
    return value_in(kSettlements, text);
}
std::string_view name(Copay::Kind kind) {
    return name_in(kCopayKinds, kind);
}
std::optional<Copay::Kind> parse_copay_kind(std::string_view text) {
    return value_in(kCopayKinds, text);
}

const RuleVersion* Scheme::rule_on(Date service_date) const {
    for (const RuleVersion& rule : rules) {
        if (service_date >= rule.from && (!rule.to || service_date <= *rule.to)) return &rule;
    }
    return nullptr;
}

}  // namespace shikaku::domain
