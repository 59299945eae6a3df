#include "gateway/domain/conditions.h"

#include <algorithm>

#include "gateway/domain/age.h"

namespace shikaku::domain {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& value) {
    return std::ranges::find(list, value) != list.end();
}

bool names_segment_of(const std::vector<std::string>& list, const Entitlement& entitlement) {
    return (!entitlement.segment.empty() && contains(list, entitlement.segment)) ||
           (!entitlement.income_segment.empty() && contains(list, entitlement.income_segment));
}

}  // namespace

bool insurance_is(const Query& query, Insurance::Status status) {
    return query.insurance && query.insurance->status == status;
}

Condition check_conditions(const RuleVersion& rule, const Entitlement& entitlement,
                           const std::optional<Date>& birth_date, Date on) {
    const Answered excluded = names_segment_of(rule.excluded_segments, entitlement)
                                  ? check_age(rule.excluded_segments_age, birth_date, on)
                                  : Answered::no;
    if (excluded == Answered::yes) return Condition::excluded_segment;
    for (const std::string& required : rule.required_conditions) {
        if (!contains(entitlement.additional_conditions, required))
            return Condition::condition_missing;
    }
    if (!rule.required_segments.empty() && !names_segment_of(rule.required_segments, entitlement)) {
        return entitlement.segment.empty() && entitlement.income_segment.empty()
                   ? Condition::segment_not_told
                   : Condition::other_segment;
    }
    return excluded == Answered::unknown ? Condition::segment_not_told : Condition::met;
}

}  // namespace shikaku::domain
