// Which build this is: what every program's --version prints, and the gateway's metric
// shikaku_build_info. The commit is asked at each build (commit.cmake).
#pragma once

#include <string>
#include <string_view>

namespace shikaku {

// Twelve digits, "-changed" after them when the sources are not that commit's; "unknown" where
// neither git nor the archive tells.
[[nodiscard]] std::string_view commit();
// "0.1.0 (3f2a9c4be1d7)"
[[nodiscard]] std::string version();

}  // namespace shikaku
