#include "gateway/domain/scheme.h"

#include <array>
#include <cstddef>

namespace shikaku::domain {
namespace {

constexpr auto kSettlements =
    std::to_array<std::string_view>({"in_kind", "reimbursement", "auto_reimbursement"});
constexpr auto kCopayKinds =
    std::to_array<std::string_view>({"free", "per_visit", "per_day", "first_visit", "percentage",
                                     "insurance_share", "not_covered", "unknown"});
static_assert(kCopayKinds.size() == static_cast<std::size_t>(Copay::Kind::unknown) + 1);

template <class Enum, std::size_t kCount>
std::optional<Enum> parse_name(const std::array<std::string_view, kCount>& names,
                               std::string_view text) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == text) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

}  // namespace

std::string_view name(Settlement settlement) {
    return kSettlements[static_cast<std::size_t>(settlement)];
}

std::optional<Settlement> parse_settlement(std::string_view text) {
    return parse_name<Settlement>(kSettlements, text);
}

std::string_view name(Copay::Kind kind) {
    return kCopayKinds[static_cast<std::size_t>(kind)];
}

std::optional<Copay::Kind> parse_copay_kind(std::string_view text) {
    return parse_name<Copay::Kind>(kCopayKinds, text);
}

const RuleVersion* Scheme::rule_on(Date service_date) const {
    for (const RuleVersion& rule : rules) {
        if (service_date >= rule.from && (!rule.to || service_date <= *rule.to)) return &rule;
    }
    return nullptr;
}

}  // namespace shikaku::domain
