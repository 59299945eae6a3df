// The conditions of a rule on the certificate, and what is known about the insurance.
#pragma once

#include "gateway/domain/query.h"
#include "gateway/domain/scheme.h"

namespace shikaku::domain {

enum class Condition : std::uint8_t {
    met,
    segment_not_told,  // met as far as known: the segment, or the age at which it counts, is not
    excluded_segment,  // from here on: not met
    other_segment,
    condition_missing,
};

[[nodiscard]] inline bool is_met(Condition condition) {
    return condition <= Condition::segment_not_told;
}
[[nodiscard]] Condition check_conditions(const RuleVersion& rule, const Entitlement& entitlement,
                                         const std::optional<Date>& birth_date, Date on);
[[nodiscard]] bool insurance_is(const Query& query, Insurance::Status status);

}  // namespace shikaku::domain
