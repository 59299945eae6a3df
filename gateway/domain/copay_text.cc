#include "gateway/domain/copay_text.h"

#include <fmt/format.h>

#include <array>

namespace shikaku::domain {
namespace {

constexpr auto kMonths =
    std::to_array<std::string_view>({"January", "February", "March", "April", "May", "June", "July",
                                     "August", "September", "October", "November", "December"});

void add_clause(Localized& text, const Localized& clause) {
    text.ja += "、";
    text.ja += clause.ja;
    text.en += "; ";
    text.en += clause.en;
}

Localized per_visit(const Copay& copay) {
    const std::string yen = with_thousands(copay.amount_yen.value_or(0));
    if (copay.up_to)
        return {fmt::format("1回につき最大{}円", yen), fmt::format("up to {} yen per visit", yen)};
    return {fmt::format("1回につき{}円", yen), fmt::format("{} yen per visit", yen)};
}

Localized per_day(const Copay& copay) {
    const std::string yen = with_thousands(copay.amount_yen.value_or(0));
    Localized text{fmt::format("1日につき{}{}円", copay.up_to ? "最大" : "", yen),
                   fmt::format("{}{} yen a day", copay.up_to ? "up to " : "", yen)};
    if (copay.days_per_month) {
        const int days = *copay.days_per_month;
        text.ja += fmt::format("(1医療機関につき月{}日まで、{}日目から無料)", days, days + 1);
        text.en += fmt::format(" (at most {} day{} per institution and month, free from day {})",
                               days, days == 1 ? "" : "s", days + 1);
    }
    return text;
}

Localized percentage(int percent) {
    const std::string en = fmt::format("{}% of the total", percent);
    return percent % 10 == 0 ? Localized{fmt::format("医療費の{}割", percent / 10), en}
                             : Localized{fmt::format("医療費の{}%", percent), en};
}

Localized basis(const Copay& copay) {
    switch (copay.kind) {
        case Copay::Kind::free:
            return {"自己負担なし", "no charge"};
        case Copay::Kind::per_visit:
            return per_visit(copay);
        case Copay::Kind::per_day:
            return per_day(copay);
        case Copay::Kind::first_visit: {
            const std::string yen = with_thousands(copay.amount_yen.value_or(0));
            return {fmt::format("初診時のみ{}円", yen),
                    fmt::format("{} yen at the first visit only", yen)};
        }
        case Copay::Kind::percentage:
            return percentage(copay.percent.value_or(0));
        case Copay::Kind::insurance_share:
            return {"保険の自己負担割合どおり", "the ordinary insurance share"};
        case Copay::Kind::not_covered:
            return {"助成の対象外", "not covered"};
        case Copay::Kind::unknown:
            break;
    }
    return {"自己負担額は受給者証で確認", "see the certificate for the amount to charge"};
}

void add_monthly_caps(Localized& text, const Copay& copay) {
    if (copay.cap_monthly_yen) {
        const std::string yen = with_thousands(*copay.cap_monthly_yen);
        add_clause(text,
                   {fmt::format("月額上限{}円", yen), fmt::format("at most {} yen a month", yen)});
    }
    if (copay.cap_many_times_yen) {
        const std::string yen = with_thousands(*copay.cap_many_times_yen);
        add_clause(text, {fmt::format("多数回該当の月は上限{}円", yen),
                          fmt::format("at most {} yen in months that count as many-times", yen)});
    }
    if (copay.cap_person_monthly_yen && !copay.person_cap_by_refund) {
        const std::string yen = with_thousands(*copay.cap_person_monthly_yen);
        add_clause(text,
                   {fmt::format("月額上限{}円(全医療機関の合計、上限額管理票で管理)", yen),
                    fmt::format("at most {} yen a month over all institutions (cap slip)", yen)});
    }
}

void add_other_terms(Localized& text, const Copay& copay) {
    if (copay.cap_yearly_yen) {
        const std::string yen = with_thousands(*copay.cap_yearly_yen);
        const int first = copay.year_starts_month.value_or(1);
        const int last = first == 1 ? 12 : first - 1;
        add_clause(text, {fmt::format("年間上限{}円({}月から{}{}月)", yen, first,
                                      first == 1 ? "" : "翌年", last),
                          fmt::format("at most {} yen a year ({} to {})", yen,
                                      kMonths[static_cast<std::size_t>(first - 1)],
                                      kMonths[static_cast<std::size_t>(last - 1)])});
    }
    if (copay.cap_person_monthly_yen && copay.person_cap_by_refund) {
        const std::string yen = with_thousands(*copay.cap_person_monthly_yen);
        add_clause(
            text,
            {fmt::format("全医療機関の合計で月{}円を超えた分は後日払い戻し", yen),
             fmt::format("what exceeds {} yen a month over all institutions is paid back", yen)});
    }
    if (copay.food_covered) {
        add_clause(text,
                   *copay.food_covered
                       ? Localized{"入院時の食事代も助成", "hospital meals are covered"}
                       : Localized{"入院時の食事代は対象外", "hospital meals are not covered"});
    }
}

}  // namespace

std::string with_thousands(int yen) {
    std::string text = fmt::format("{}", yen);
    for (std::size_t place = text.size(); place > 3; place -= 3)
        text.insert(place - 3, ",");
    return text;
}

Localized own_cap_clause(int yen) {
    return {fmt::format("、受給者証の月額上限{}円", with_thousands(yen)),
            fmt::format("; monthly cap on the certificate: {} yen", with_thousands(yen))};
}

void write_copay_text(Copay& copay) {
    copay.text = basis(copay);
    copay.text_without_cap = copay.text;
    add_monthly_caps(copay.text, copay);
    add_other_terms(copay.text, copay);
    add_other_terms(copay.text_without_cap, copay);
}

}  // namespace shikaku::domain
