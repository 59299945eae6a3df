#include "gateway/domain/area.h"

#include <algorithm>

#include "gateway/domain/answered.h"

namespace shikaku::domain {
namespace {

template <class List, class Value>
bool contains(const List& list, const Value& value) {
    return std::ranges::find(list, value) != list.end();
}

// 都道府県2 + 郡市区2, without the 点数表 digit between them.
bool in_district(const Area& area, const InstitutionCode& institution) {
    const std::string prefecture = institution.prefecture();
    const std::string_view district = institution.text().substr(3, 2);
    return std::ranges::any_of(area.districts, [&](std::string_view wanted) {
        return wanted.substr(0, 2) == prefecture && wanted.substr(2) == district;
    });
}

bool right_place(const Area& area, AuthorityCode authority, const InstitutionCode& institution) {
    switch (area.scope) {
        case Area::Scope::prefecture:
            return institution.prefecture() == authority.prefecture();
        case Area::Scope::list:
            return contains(area.prefectures, institution.prefecture());
        case Area::Scope::municipality:
            return in_district(area, institution);
        case Area::Scope::nationwide:
        case Area::Scope::unknown:
            break;
    }
    return true;
}

Answered insurer_settled_in_kind(const InsurerCondition& condition, const Query& query) {
    if (!query.insurance || !query.insurance->insurer) return Answered::unknown;
    const InsurerNumber& insurer = *query.insurance->insurer;
    const auto begins = [&](const std::string& prefix) {
        return insurer.text().starts_with(prefix);
    };
    if (!insurer.is_national_health() ||
        std::ranges::any_of(condition.national_health_society_prefixes, begins))
        return Answered::yes;
    return std::ranges::any_of(condition.societies, begins) ? Answered::no : Answered::unknown;
}

}  // namespace

Whereabouts check_area(const Area& area, AuthorityCode authority,
                       const InstitutionCode& institution) {
    if (contains(area.institutions, institution)) return Whereabouts::inside;
    const bool right_kind = area.kinds.empty() || contains(area.kinds, institution.kind());
    if (!right_kind || !right_place(area, authority, institution)) return Whereabouts::outside;
    return area.scope == Area::Scope::unknown ? Whereabouts::unknown : Whereabouts::inside;
}

Settling settle(const RuleVersion* rule, AuthorityCode authority, const Entitlement& entitlement,
                const Query& query) {
    using Cause = Settling::Cause;
    if (entitlement.always_reimbursement)
        return {.settlement = Settlement::reimbursement, .cause = Cause::certificate_always};
    if (rule == nullptr) return {};
    if (rule->always_reimbursement)
        return {.settlement = Settlement::reimbursement, .cause = Cause::rule_always};

    const Whereabouts place = check_area(rule->area, authority, query.institution);
    if (place == Whereabouts::outside)
        return {.settlement = rule->area.outside, .cause = Cause::outside_area};
    Settling result{.settlement = rule->settlement, .area_unknown = place == Whereabouts::unknown};
    if (rule->insurer) {
        const Answered in_kind = insurer_settled_in_kind(*rule->insurer, query);
        if (in_kind == Answered::no)
            return {.settlement = Settlement::reimbursement, .cause = Cause::insurer};
        result.insurer_unknown = in_kind == Answered::unknown;
    }
    return result;
}

}  // namespace shikaku::domain
