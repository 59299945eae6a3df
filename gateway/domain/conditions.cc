#include "gateway/domain/conditions.h"

#include <algorithm>

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
                           const Query& query) {
    if (rule.insurance_required && insurance_is(query, Insurance::Status::invalid))
        return Condition::insurance_lost;
    if (names_segment_of(rule.excluded_segments, entitlement)) return Condition::excluded_segment;
    for (const std::string& required : rule.required_conditions) {
        if (!contains(entitlement.additional_conditions, required))
            return Condition::condition_missing;
    }
    if (!rule.required_segments.empty() && !names_segment_of(rule.required_segments, entitlement)) {
        return entitlement.segment.empty() && entitlement.income_segment.empty()
                   ? Condition::segment_not_told
                   : Condition::other_segment;
    }
    return Condition::met;
}

}  // namespace shikaku::domain
