#include "gateway/domain/payer_order.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "gateway/domain/history.h"
#include "gateway/domain/houbetsu.h"
#include "gateway/support/bounds.h"

namespace shikaku::domain {
namespace {

constexpr int kLast = std::numeric_limits<int>::max();

int local_place(const SubsidyDecision& subsidy, std::string_view law_code, const RuleBook& rules) {
    const auto order = rules.local_order.find(subsidy.authority.prefecture());
    if (order == rules.local_order.end()) return kLast;
    const auto found = std::ranges::find(order->second, law_code);
    return found == order->second.end() ? kLast : static_cast<int>(found - order->second.begin());
}

auto place(const SubsidyDecision& subsidy, const RuleBook& rules) {
    const std::string_view law_code = law_code_of(subsidy);
    const bool national = is_national_law_code(law_code);
    const std::optional<int> own =
        subsidy.scheme == nullptr ? std::nullopt : subsidy.scheme->claim_order;
    return std::tuple(national_order(law_code),
                      national ? 0 : local_place(subsidy, law_code, rules),
                      national ? 0 : own.value_or(kLast));
}

bool on_claim(const Row& row) {
    return row.subsidy.reason == Reason::ACTIVE;
}

int group(const Row& row) {
    if (on_claim(row)) return 0;
    return row.subsidy.outcome == Outcome::eligible ? 1 : 2;
}

}  // namespace

std::string_view law_code_of(const SubsidyDecision& subsidy) {
    if (subsidy.payer_number) return subsidy.payer_number->law_code();
    return subsidy.scheme == nullptr ? std::string_view() : subsidy.scheme->law_code;
}

bool pays_before(const Row& a, const Row& b, const RuleBook& rules) {
    const auto x = place(a.subsidy, rules);
    const auto y = place(b.subsidy, rules);
    return x != y ? x < y : row_before(a, b);
}

void order_payers(std::vector<Row>& rows, const RuleBook& rules) {
    std::ranges::sort(rows, [&](const Row& a, const Row& b) {
        return group(a) != group(b) ? group(a) < group(b) : pays_before(a, b, rules);
    });
    int order = 0;
    for (Row& row : rows) {
        if (!on_claim(row)) break;
        if (order < static_cast<int>(bounds::kPayersOnOneClaim)) {
            row.subsidy.claim_order = ++order;
        } else {
            row.subsidy.notes.push_back(kFifthPayer);
        }
    }
}

}  // namespace shikaku::domain
