#include "gateway/support/json_scan.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <system_error>

#include "gateway/support/text.h"

namespace shikaku {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Four hexadecimal digits behind "\u".
std::optional<std::uint32_t> scan_unit(const char*& at, const char* end) {
    if (end - at < 4) return std::nullopt;
    std::uint32_t unit = 0;
    const auto [last, error] = std::from_chars(at, at + 4, unit, 16);
    if (error != std::errc() || last != at + 4) return std::nullopt;
    at += 4;
    return unit;
}

// Behind "\u": a code point, in two halves when it lies beyond the first plane.
bool unescape_unicode(const char*& at, const char* end, std::string& out) {
    const auto first = scan_unit(at, end);
    if (!first) return false;
    if (*first < 0xd800 || *first > 0xdfff) {
        append_utf8(out, *first);
        return true;
    }
    if (*first > 0xdbff || end - at < 2 || at[0] != '\\' || at[1] != 'u') return false;
    at += 2;
    const auto second = scan_unit(at, end);
    if (!second || *second < 0xdc00 || *second > 0xdfff) return false;
    append_utf8(out, 0x10000 + ((*first - 0xd800) << 10U) + (*second - 0xdc00));
    return true;
}

bool unescape(const char*& at, const char* end, std::string& out) {
    if (at == end) return false;
    switch (*at++) {
        case '"':
            out += '"';
            return true;
        case '\\':
            out += '\\';
            return true;
        case '/':
            out += '/';
            return true;
        case 'b':
            out += '\b';
            return true;
        case 'f':
            out += '\f';
            return true;
        case 'n':
            out += '\n';
            return true;
        case 'r':
            out += '\r';
            return true;
        case 't':
            out += '\t';
            return true;
        case 'u':
            return unescape_unicode(at, end, out);
        default:
            return false;
    }
}

// From the first backslash on.
bool scan_escaped(const char*& at, const char* end, std::string& out) {
    while (at != end && *at == '\\') {
        if (!unescape(++at, end, out)) return false;
        const char* const plain = at;
        at = json_special(at, end);
        out.append(plain, at);
    }
    return at != end && *at == '"';
}

}  // namespace

Error json_error(JsonProblem problem, std::size_t position) {
    using enum JsonProblem;
    std::string detail = "not valid JSON at byte " + std::to_string(position + 1);
    if (problem == same_key_twice) detail = "an object has the same key twice";
    if (problem == too_deep)
        detail = "nested deeper than " + std::to_string(bounds::kJsonDepth) + " levels";
    if (problem == too_many_members)
        detail = "an object has more than " + std::to_string(bounds::kJsonMembers) + " members";
    if (problem == too_many_values)
        detail = "more than " + std::to_string(bounds::kJsonValues) + " values in one text";
    return {ErrorCode::malformed_request, std::move(detail)};
}

std::optional<std::string_view> scan_json_string(const char*& at, const char* end,
                                                 std::deque<std::string>& storage) {
    const char* const start = at;
    at = json_special(at, end);
    if (at == end || static_cast<unsigned char>(*at) < 0x20) return std::nullopt;
    std::string_view text(start, at);
    if (*at == '\\') {
        std::string& unescaped = storage.emplace_back(text);
        if (!scan_escaped(at, end, unescaped)) return std::nullopt;
        text = unescaped;
    }
    ++at;
    if (!is_valid_utf8(text)) return std::nullopt;
    return text;
}

std::optional<JsonScalar> scan_json_number(const char*& at, const char* end) {
    const char* const start = at;
    bool whole = true;  // no fraction, no exponent
    const auto digits = [&at, end] {
        const char* const first = at;
        while (at != end && is_digit(*at))
            ++at;
        return at != first;
    };
    if (at != end && *at == '-') ++at;
    const char* const whole_part = at;
    if (!digits() || (*whole_part == '0' && at - whole_part > 1)) return std::nullopt;
    if (at != end && *at == '.') {
        whole = false;
        ++at;
        if (!digits()) return std::nullopt;
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
        whole = false;
        ++at;
        if (at != end && (*at == '+' || *at == '-')) ++at;
        if (!digits()) return std::nullopt;
    }
    std::uint64_t positive = 0;
    if (whole && std::from_chars(start, at, positive).ec == std::errc()) return positive;
    std::int64_t negative = 0;
    if (whole && std::from_chars(start, at, negative).ec == std::errc()) return negative;
    double number = 0;
    if (std::from_chars(start, at, number).ec == std::errc()) return number;
    number = std::strtod(std::string(start, at).c_str(), nullptr);  // too near to zero is zero
    if (!std::isfinite(number)) return std::nullopt;
    return number;
}

}  // namespace shikaku
