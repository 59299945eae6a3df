#include "gateway/audit/tile_path.h"

#include "gateway/audit/decimal.h"
#include "gateway/audit/tile_tree.h"
#include "gateway/support/text.h"

namespace shikaku::audit {

namespace {

constexpr std::uint64_t kIndexEnd = std::uint64_t{1} << 56;  // 2^64 leaves in tiles of 256

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::optional<int> number_between(std::string_view text, std::uint64_t least, std::uint64_t most) {
    const auto value = parse_decimal(text);
    if (!value || *value < least || *value > most) return std::nullopt;
    return static_cast<int>(*value);
}

// "x001/x234/067": groups of three digits, all but the last marked, no leading group of zeros.
std::optional<std::uint64_t> parse_index(std::string_view text) {
    std::uint64_t value = 0;
    for (bool first = true;; first = false) {
        const bool more = take(text, "x");
        const auto group = text.substr(0, 3);
        if (group.size() != 3 || !is_digits(group)) return std::nullopt;
        if (first && more && group == "000") return std::nullopt;
        if (value >= kIndexEnd / 1000 + 1) return std::nullopt;
        for (const char digit : group)
            value = value * 10 + static_cast<std::uint64_t>(digit - '0');
        if (value >= kIndexEnd) return std::nullopt;
        text.remove_prefix(3);
        if (!more) break;
        if (!take(text, "/")) return std::nullopt;
    }
    if (!text.empty()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<TilePath> parse_tile_path(std::string_view path) {
    TilePath parsed;
    if (!take(path, "tile/")) return std::nullopt;
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto level = path.substr(0, slash);
    path.remove_prefix(slash + 1);
    parsed.entries = level == "entries";
    if (!parsed.entries) {
        const auto number = number_between(level, 0, 63);
        if (!number) return std::nullopt;
        parsed.level = *number;
    }
    if (const auto dot = path.find(".p/"); dot != std::string_view::npos) {
        const auto width = number_between(path.substr(dot + 3), 1, 255);
        if (!width) return std::nullopt;
        parsed.width = *width;
        path = path.substr(0, dot);
    }
    const auto index = parse_index(path);
    if (!index) return std::nullopt;
    parsed.n = *index;
    return parsed;
}

std::string to_string(const TilePath& path) {
    std::string index;
    std::uint64_t rest = path.n;
    do {
        auto group = std::to_string(rest % 1000);
        group.insert(0, 3 - group.size(), '0');
        index = index.empty() ? group : "x" + group + "/" + index;
        rest /= 1000;
    } while (rest > 0);
    std::string text = "tile/";
    text += path.entries ? "entries" : std::to_string(path.level);
    text += "/" + index;
    if (path.width != static_cast<int>(kTileWidth)) text += ".p/" + std::to_string(path.width);
    return text;
}

}  // namespace shikaku::audit
