// The conditions of a rule on the certificate and on the insurance.
#pragma once

#include "gateway/domain/query.h"
#include "gateway/domain/scheme.h"

namespace shikaku::domain {

enum class Condition : std::uint8_t {
    met,
    segment_not_told,  // met as far as known: the rule asks for a segment, the certificate has none
    insurance_lost,    // from here on: not met
    excluded_segment,
    other_segment,
    condition_missing,
};

[[nodiscard]] inline bool is_met(Condition condition) {
    return condition <= Condition::segment_not_told;
}
[[nodiscard]] Condition check_conditions(const RuleVersion& rule, const Entitlement& entitlement,
                                         const Query& query);
[[nodiscard]] bool insurance_is(const Query& query, Insurance::Status status);

}  // namespace shikaku::domain
