#include "gateway/domain/fiscal_year.h"

#include <charconv>

#include "gateway/domain/date.h"
#include "gateway/support/text.h"

namespace shikaku::domain {

std::optional<FiscalYear> FiscalYear::parse(std::string_view text) {
    int year = 0;
    if (text.size() != kDigits || !is_digits(text)) return std::nullopt;
    std::from_chars(text.data(), text.data() + text.size(), year);
    if (year < 1868 || year > 2999) return std::nullopt;
    return FiscalYear(text);
}

// The first day of the fiscal year of an era's year is read as any date of that era is.
std::optional<FiscalYear> FiscalYear::parse_any(std::string_view text) {
    for (const std::string_view ending : {"年度", "年"})
        if (text.ends_with(ending)) {
            text.remove_suffix(ending.size());
            break;
        }
    if (const auto year = parse(text)) return year;
    if (text.empty() || is_digits(text)) return std::nullopt;
    // An era's last year may have ended before December, its first have begun after April.
    const bool letter = static_cast<signed char>(text.front()) >= 0;
    for (const std::string_view day :
         {letter ? ".4.1" : "年4月1日", letter ? ".12.31" : "年12月31日"})
        if (const auto date = Date::parse_any(std::string(text).append(day)))
            return parse(date->iso().substr(0, kDigits));
    return std::nullopt;
}

}  // namespace shikaku::domain
