#include "gateway/support/clock.h"

namespace shikaku {
namespace {

// Every answer has several of these; the library's formatting took a tenth of writing it.
template <class Number>
void put_digits(std::string& out, std::size_t from, std::size_t count, Number number) {
    auto rest = static_cast<unsigned>(number);
    for (std::size_t i = count; i > 0; --i, rest /= 10)
        out[from + i - 1] = static_cast<char>('0' + rest % 10);
}

}  // namespace

std::string to_rfc3339_jst(Instant instant) {
    const auto local = std::chrono::floor<std::chrono::seconds>(instant + std::chrono::hours(9));
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{local - day};
    std::string out = "0000-00-00T00:00:00+09:00";
    put_digits(out, 0, 4, static_cast<int>(date.year()));
    put_digits(out, 5, 2, static_cast<unsigned>(date.month()));
    put_digits(out, 8, 2, static_cast<unsigned>(date.day()));
    put_digits(out, 11, 2, time.hours().count());
    put_digits(out, 14, 2, time.minutes().count());
    put_digits(out, 17, 2, time.seconds().count());
    return out;
}

std::string to_compact_jst(Instant instant) {
    auto text = to_rfc3339_jst(instant).substr(0, 19);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

}  // namespace shikaku
