#include "gateway/domain/age.h"

namespace shikaku::domain {

bool age_in_range(const AgeRange& range, Date birth, Date on) {
    if (on < birth) return false;
    if (range.from && legal_age(birth, on) < *range.from) return false;
    if (range.to && legal_age(birth, on) > *range.to) return false;
    if (range.from_fiscal_year_after &&
        on <= fiscal_year_end_after_age(birth, *range.from_fiscal_year_after))
        return false;
    return !range.to_fiscal_year_end_after ||
           on <= fiscal_year_end_after_age(birth, *range.to_fiscal_year_end_after);
}

Answered check_age(const std::optional<AgeRange>& range, const std::optional<Date>& birth,
                   Date on) {
    if (!range) return Answered::yes;
    if (!birth) return Answered::unknown;
    return age_in_range(*range, *birth, on) ? Answered::yes : Answered::no;
}

}  // namespace shikaku::domain
