// Resource names of C2SP tlog-tiles below the log's prefix: "tile/0/x001/x234/067.p/8",
// "tile/entries/000". One spelling per resource; everything else is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shikaku::audit {

struct TilePath {
    bool entries = false;
    int level = 0;        // 0..63; 0 for entries
    std::uint64_t n = 0;  // below 2^56
    int width = 256;      // 1..256; 256 has no ".p/" part
};

[[nodiscard]] std::optional<TilePath> parse_tile_path(std::string_view path);
[[nodiscard]] std::string to_string(const TilePath& path);

}  // namespace shikaku::audit
