// The overall answer from the parts.
//
// eligible when any subsidy is. not_eligible only when every authority that was asked has answered
// now. Else unknown, with the reason that helps the desk most: AMBIGUOUS_SUBJECT (only the
// authority can clear it up), SOURCE_UNAVAILABLE (try again), STALE_BEYOND_POLICY, NOT_CONNECTED
// (lasting). not_eligible tells what the patient holds before what they held: NOT_DESIGNATED,
// SETTING_NOT_COVERED, CONDITION_NOT_MET, AGE_OUT_OF_RANGE, SUPERSEDED, REVOKED, NOT_YET_VALID,
// EXPIRED, NO_RECORD.
#pragma once

#include <optional>
#include <vector>

#include "gateway/domain/row.h"

namespace shikaku::domain {

// What a finding leaves unknown; nothing when the authority has answered.
[[nodiscard]] std::optional<Reason> unknown_because(const Finding& finding);

void summarise(const Case& facts, const std::vector<Row>& rows, const RuleBook& rules,
               Decision& decision);

// The latest word of an authority about any row that bears on the service date, reported or not, or
// about the rules of one: a pack accepted after the service date can have changed what was true.
[[nodiscard]] std::optional<Instant> last_changed(const Case& facts, const std::vector<Row>& rows,
                                                  const RuleBook& rules);

}  // namespace shikaku::domain
