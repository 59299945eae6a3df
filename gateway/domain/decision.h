// What was decided, before it is put into words: typed, in the order of payers, explained.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/localized.h"
#include "gateway/domain/query.h"
#include "gateway/domain/reasons.h"
#include "gateway/domain/scheme.h"

namespace shikaku::domain {

// One step of the explanation: which rule was looked at, for what, and what it said.
struct Step {
    std::string rule;     // e.g. "validity", "age", "area"
    std::string subject;  // e.g. "132012/maru-ko"
    bool passed = true;
    Localized text;
};

struct SubsidyDecision {
    AuthorityCode authority;
    const Scheme* scheme = nullptr;            // null: the authority's pack does not know it
    const RuleVersion* rule = nullptr;         // in force on the service date; null: none
    const Entitlement* entitlement = nullptr;  // points into the Case
    Outcome outcome = Outcome::unknown;
    Reason reason = Reason::NO_RECORD;
    std::optional<PayerNumber> payer_number;  // the entitlement's, else the scheme's only one
    int claim_order = 0;  // 1.. for eligible ones on the claim; 0: not on this claim
    Settlement settlement = Settlement::in_kind;
    const Copay* copay = nullptr;        // eligible only; null: unknown. What to charge at the desk
    std::optional<int> monthly_cap_yen;  // the entitlement's own cap wins over the rule's
    Freshness freshness = Freshness::live;
    Instant as_of{};
    std::vector<std::string_view> notes;  // codes of extra texts, e.g. "fifth_payer"
};

// The scheme's id; where the authority's pack does not know it, what the row says instead.
[[nodiscard]] std::string_view scheme_id(const SubsidyDecision& subsidy);

struct Decision {
    Outcome outcome = Outcome::unknown;
    Reason reason = Reason::NOT_CONNECTED;
    std::vector<SubsidyDecision> subsidies;  // claim order, then the others
    std::vector<Warning> warnings;
    std::vector<Step> steps;              // filled when the query asks to explain
    std::optional<Instant> last_changed;  // when the answer for this service date last changed
};

}  // namespace shikaku::domain
