// Unsigned decimals as C2SP texts spell them: ASCII digits, no leading zeros, no sign.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace shikaku::audit {

[[nodiscard]] inline std::optional<std::uint64_t> parse_decimal(std::string_view text) {
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace shikaku::audit
