// One history row of one certificate, judged on its own: everything except what the person's other
// rows change (history.h, exclusion.h, payer_order.h).
#pragma once

#include "gateway/domain/area.h"
#include "gateway/domain/conditions.h"
#include "gateway/domain/decision.h"
#include "gateway/domain/rule_book.h"

namespace shikaku::domain {

struct Row {
    SubsidyDecision subsidy;
    // The source failed and this is what it said before: good enough for a yes, never for a no.
    bool source_failed = false;
    bool beyond_policy = false;    // the same, because it was too long ago
    bool excluder_failed = false;  // superseded, but only by what a failed source said before
    bool age_unknown = false;
    bool insurer_unknown = false;
};

// A finding whose entitlements count: not of several people.
[[nodiscard]] bool is_usable(const Finding& finding);
// The source did not answer now; what it holds comes from before.
[[nodiscard]] bool is_failed(const Finding& finding);

// Taken back, by deletion or by being left out, before the end of its validity.
[[nodiscard]] bool is_taken_back(const Entitlement& entitlement);
// REVOKED, NOT_YET_VALID or EXPIRED; ACTIVE when the row is in force on the date.
[[nodiscard]] Reason check_dates(const Entitlement& entitlement, Date on);
[[nodiscard]] bool is_in_force(const Row& row);
[[nodiscard]] bool is_designated(const Entitlement& entitlement,
                                 const InstitutionCode& institution);
// The entitlement's own birth date, else the token's.
[[nodiscard]] const std::optional<Date>& birth_date_of(const Entitlement& entitlement,
                                                       const Query& query);
// What the desk charges when the subsidy is paid back later: the ordinary insurance share.
[[nodiscard]] const Copay& share_paid_back_later();

void set_reason(SubsidyDecision& subsidy, Reason reason);
[[nodiscard]] Row judge(const Query& query, const Finding& finding, const Entitlement& entitlement,
                        const RuleBook& rules);

}  // namespace shikaku::domain
