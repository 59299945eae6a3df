#include "gateway/domain/rfc3339.h"

#include "gateway/domain/date.h"
#include "gateway/support/text.h"

namespace shikaku::domain {
namespace {

constexpr std::size_t kShortest = 20;  // 2026-11-20T08:59:00Z
constexpr std::size_t kLongest = 40;

// Two digits at the front, at most `max`; takes them off.
std::optional<int> two_digits(std::string_view& text, int max) {
    if (text.size() < 2 || !is_digits(text.substr(0, 2))) return std::nullopt;
    const int value = (text[0] - '0') * 10 + (text[1] - '0');
    text.remove_prefix(2);
    return value <= max ? std::optional(value) : std::nullopt;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

// ".123456" or nothing.
std::optional<std::chrono::milliseconds> fraction(std::string_view& text) {
    if (!take(text, '.')) return std::chrono::milliseconds(0);
    int milliseconds = 0, scale = 100;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        milliseconds += (text[digits] - '0') * scale;
        scale /= 10;
    }
    text.remove_prefix(digits);
    return digits > 0 ? std::optional(std::chrono::milliseconds(milliseconds)) : std::nullopt;
}

std::optional<std::chrono::minutes> offset(std::string_view text) {
    if (text == "Z") return std::chrono::minutes(0);
    const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
    const auto hours = two_digits(text, 23);
    if (sign == 0 || !hours || !take(text, ':')) return std::nullopt;
    const auto minutes = two_digits(text, 59);
    if (!minutes || !text.empty()) return std::nullopt;
    return sign * (std::chrono::hours(*hours) + std::chrono::minutes(*minutes));
}

}  // namespace

std::optional<Instant> parse_rfc3339(std::string_view text) {
    if (text.size() < kShortest || text.size() > kLongest) return std::nullopt;
    const auto date = Date::parse_iso(text.substr(0, 10));
    text.remove_prefix(10);
    if (!date || !take(text, 'T')) return std::nullopt;
    const auto hours = two_digits(text, 23);
    if (!hours || !take(text, ':')) return std::nullopt;
    const auto minutes = two_digits(text, 59);
    if (!minutes || !take(text, ':')) return std::nullopt;
    const auto seconds = two_digits(text, 60);
    if (!seconds) return std::nullopt;
    const auto part = fraction(text);
    if (!part) return std::nullopt;
    const auto east = offset(text);
    if (!east) return std::nullopt;
    return Instant(date->days()) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
           std::chrono::seconds(*seconds) + *part - *east;
}

}  // namespace shikaku::domain
