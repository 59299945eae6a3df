#include "gateway/domain/date.h"

#include <array>
#include <utility>

#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr sys_days kFirst{year(1868) / 1 / 25};
constexpr sys_days kLast{year(9999) / 12 / 31};

struct Era {
    char letter;
    std::string_view name;
    sys_days first;
};

// Newest first. Each era ends on the day before the next one's first.
constexpr auto kEras = std::to_array<Era>({
    {'R', "令和", sys_days{year(2019) / 5 / 1}},
    {'H', "平成", sys_days{year(1989) / 1 / 8}},
    {'S', "昭和", sys_days{year(1926) / 12 / 25}},
    {'T', "大正", sys_days{year(1912) / 7 / 30}},
    {'M', "明治", sys_days{year(1868) / 10 / 23}},
});

// The era of a date; those before the first era's proclamation count as Meiji, which was backdated.
const Era& era_of(sys_days date) {
    for (const Era& era : kEras) {
        if (date >= era.first) return era;
    }
    return kEras.back();
}

int first_year(const Era& era) {
    return static_cast<int>(year_month_day(era.first).year());
}

std::optional<Date> real_date(int y, unsigned m, unsigned d) {
    const year_month_day ymd{year(y), month(m), day(d)};
    if (!ymd.ok()) return std::nullopt;
    const sys_days date = ymd;
    if (date < kFirst || date > kLast) return std::nullopt;
    return Date(date);
}

unsigned number(std::string_view digits) {
    unsigned value = 0;
    for (const char c : digits)
        value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
}

std::optional<Date> from_digits(std::string_view y, std::string_view m, std::string_view d) {
    if (!is_digits(y) || !is_digits(m) || !is_digits(d)) return std::nullopt;
    return real_date(static_cast<int>(number(y)), number(m), number(d));
}

// Removes one or two digits from the front of `text`, ASCII or (where allowed) full-width.
std::optional<unsigned> take_number(std::string_view& text, bool full_width_too) {
    unsigned value = 0;
    int taken = 0;
    for (; taken < 2 && !text.empty(); ++taken) {
        const std::string_view wide = text.substr(0, 3);
        if (text[0] >= '0' && text[0] <= '9') {
            value = value * 10 + static_cast<unsigned>(text[0] - '0');
            text.remove_prefix(1);
        } else if (full_width_too && wide >= "\uFF10" && wide <= "\uFF19") {
            constexpr unsigned kLastByteOfZero = 0x90;
            value = value * 10 + (static_cast<unsigned char>(wide[2]) - kLastByteOfZero);
            text.remove_prefix(3);
        } else {
            break;
        }
    }
    if (taken == 0) return std::nullopt;
    return value;
}

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

std::optional<Date> in_era(const Era& era, unsigned era_year, unsigned m, unsigned d) {
    if (era_year == 0) return std::nullopt;
    const auto date = real_date(first_year(era) + static_cast<int>(era_year) - 1, m, d);
    if (!date || date->days() < era.first || &era_of(date->days()) != &era) return std::nullopt;
    return date;
}

// "R8.4.1", after its letter.
std::optional<Date> parse_dotted(const Era& era, std::string_view rest) {
    const auto y = take_number(rest, false);
    if (!y || !take(rest, ".")) return std::nullopt;
    const auto m = take_number(rest, false);
    if (!m || !take(rest, ".")) return std::nullopt;
    const auto d = take_number(rest, false);
    if (!d || !rest.empty()) return std::nullopt;
    return in_era(era, *y, *m, *d);
}

// "令和8年4月1日", after its name.
std::optional<Date> parse_japanese(const Era& era, std::string_view rest) {
    const auto y = take(rest, "元") ? std::optional(1U) : take_number(rest, true);
    if (!y || !take(rest, "年")) return std::nullopt;
    const auto m = take_number(rest, true);
    if (!m || !take(rest, "月")) return std::nullopt;
    const auto d = take_number(rest, true);
    if (!d || rest != "日") return std::nullopt;
    return in_era(era, *y, *m, *d);
}

void append_digits(std::string& out, unsigned value, unsigned count) {
    std::array<char, 4> digits{};
    for (unsigned i = count; i-- > 0; value /= 10)
        digits[i] = static_cast<char>('0' + value % 10);
    out.append(digits.data(), count);
}

}  // namespace

std::optional<Date> Date::parse_iso(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    return from_digits(text.substr(0, 4), text.substr(5, 2), text.substr(8, 2));
}

std::optional<Date> Date::parse_any(std::string_view text) {
    if (text.size() == 8 && is_digits(text)) {
        return from_digits(text.substr(0, 4), text.substr(4, 2), text.substr(6, 2));
    }
    for (const Era& era : kEras) {
        if (text.starts_with(era.letter)) return parse_dotted(era, text.substr(1));
        if (text.starts_with(era.name)) return parse_japanese(era, text.substr(era.name.size()));
    }
    return parse_iso(text);
}

Date Date::of_instant_jst(Instant instant) {
    return Date(std::chrono::floor<std::chrono::days>(instant + std::chrono::hours(9)));
}

std::string Date::iso() const {
    const year_month_day date = ymd();
    std::string out;
    out.reserve(10);
    append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
    return out;
}

std::string Date::japanese() const {
    const year_month_day date = ymd();
    const Era& era = era_of(days_);
    const int era_year = static_cast<int>(date.year()) - first_year(era) + 1;
    std::string out(era.name);
    out += era_year == 1 ? "元" : std::to_string(era_year);
    out += "年" + std::to_string(static_cast<unsigned>(date.month()));
    out += "月" + std::to_string(static_cast<unsigned>(date.day())) + "日";
    return out;
}

Date Date::plus_years(int years) const {
    return plus_months(12 * years);
}

Date Date::plus_months(int months) const {
    const year_month_day moved = ymd() + std::chrono::months(months);
    return Date(moved.ok() ? moved
                           : year_month_day(moved.year() / moved.month() / std::chrono::last));
}

int legal_age(Date birth, Date on) {
    const year_month_day born = birth.ymd();
    const year_month_day tomorrow = on.plus_days(1).ymd();
    const int calendar_years = static_cast<int>(tomorrow.year()) - static_cast<int>(born.year());
    const bool birthday_reached =
        std::pair(tomorrow.month(), tomorrow.day()) >= std::pair(born.month(), born.day());
    return birthday_reached ? calendar_years : calendar_years - 1;
}

Date fiscal_year_end_after_age(Date birth, int age) {
    const year_month_day birthday = birth.ymd() + years(age);
    // 29 February of a common year becomes 1 March here, and its eve 28 February.
    return fiscal_year_end(Date(sys_days(birthday)).plus_days(-1));
}

Date fiscal_year_end(Date on) {
    const year_month_day date = on.ymd();
    const bool after_march = date.month() > std::chrono::March;
    return Date((after_march ? date.year() + years(1) : date.year()) / std::chrono::March / 31);
}

}  // namespace shikaku::domain
