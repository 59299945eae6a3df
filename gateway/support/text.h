// Text helpers: UTF-8 validity and small ASCII tools. Nothing here depends on the locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shikaku {

[[nodiscard]] bool is_valid_utf8(std::string_view text);
[[nodiscard]] std::size_t utf8_length(std::string_view text);     // code points of valid UTF-8
[[nodiscard]] bool is_digits(std::string_view text);              // not empty, ASCII 0-9 only
[[nodiscard]] std::string_view trim(std::string_view text);       // ASCII space and tab
[[nodiscard]] std::string_view trim_wide(std::string_view text);  // wide spaces (U+3000) too
// How many characters (bytes) to add, drop or change from one to the other.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);
void append_utf8(std::string& out, std::uint32_t code_point);
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);  // ASCII case
// The first of ", \ and control characters below U+0020, or `end`: up to there a JSON string says
// what it means.
[[nodiscard]] const char* json_special(const char* at, const char* end);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace shikaku
