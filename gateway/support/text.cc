#include "gateway/support/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <utility>

namespace shikaku {
namespace {

constexpr std::string_view kWideSpace = "\xE3\x80\x80";
constexpr std::uint64_t kEach = 0x0101010101010101ULL;  // times a byte: eight of it

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

unsigned byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

// How many bytes at `i` are ASCII, in steps of eight.
std::size_t ascii_run(std::string_view text, std::size_t i) {
    const std::size_t start = i;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + i, 8);
        if ((eight & kEach * 0x80) != 0) break;
    }
    while (i < text.size() && byte_at(text, i) < 0x80)
        ++i;
    return i - start;
}

// Length of the well-formed sequence of two to four bytes at `i`, 0 when there is none
// (Unicode, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t sequence_length(std::string_view text, std::size_t i) {
    const unsigned lead = byte_at(text, i);
    std::size_t length = 0;
    unsigned second_min = 0x80;
    unsigned second_max = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        if (lead == 0xE0) second_min = 0xA0;
        if (lead == 0xED) second_max = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        if (lead == 0xF0) second_min = 0x90;
        if (lead == 0xF4) second_max = 0x8F;
    } else {
        return 0;
    }
    if (text.size() - i < length) return 0;
    if (byte_at(text, i + 1) < second_min || byte_at(text, i + 1) > second_max) return 0;
    for (std::size_t k = 2; k < length; ++k) {
        if ((byte_at(text, i + k) & 0xC0U) != 0x80U) return 0;
    }
    return length;
}

bool is_json_special(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// Whether one of eight bytes is zero, or less than 0x20.
bool any_zero(std::uint64_t eight) {
    return ((eight - kEach) & ~eight & (kEach * 0x80)) != 0;
}
bool any_control(std::uint64_t eight) {
    return ((eight - kEach * 0x20) & ~eight & (kEach * 0x80)) != 0;
}

}  // namespace

const char* json_special(const char* at, const char* end) {
    for (; end - at >= 8; at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, at, 8);
        if (any_control(eight) || any_zero(eight ^ kEach * '"') || any_zero(eight ^ kEach * '\\'))
            break;
    }
    return std::find_if(at, end, is_json_special);
}

bool is_valid_utf8(std::string_view text) {
    std::size_t i = 0;
    while (true) {
        i += ascii_run(text, i);
        if (i == text.size()) return true;
        const std::size_t length = sequence_length(text, i);
        if (length == 0) return false;
        i += length;
    }
}

std::size_t utf8_length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view trim_wide(std::string_view text) {
    while (true) {
        text = trim(text);
        const bool front = text.starts_with(kWideSpace);
        const bool back = text.ends_with(kWideSpace);
        if (!front && !back) return text;
        if (front) text.remove_prefix(kWideSpace.size());
        if (text.ends_with(kWideSpace)) text.remove_suffix(kWideSpace.size());
    }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
        }
    }
    return row.back();
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    const auto put_rest = [&put, code_point](unsigned shift) {
        put(0x80U | (code_point >> shift & 0x3fU));
    };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xc0U | code_point >> 6U);
        put_rest(0);
    } else if (code_point < 0x10000) {
        put(0xe0U | code_point >> 12U);
        put_rest(6);
        put_rest(0);
    } else {
        put(0xf0U | code_point >> 18U);
        put_rest(12);
        put_rest(6);
        put_rest(0);
    }
}

bool iequals(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

}  // namespace shikaku
