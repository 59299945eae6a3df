// Names of all municipalities and prefectures by 全国地方公共団体コード (data/authorities.csv, from
// code4fukui/localgovjp, CC0). The views stay valid for the process's life; any thread may call.
#pragma once

#include <string_view>

#include "gateway/domain/numbers.h"

namespace shikaku::domain {

// "八王子市", "札幌市 中央区", "東京都"; empty when the code is not in the list.
[[nodiscard]] std::string_view authority_name(AuthorityCode code);
// "Tokyo" for a prefecture; empty for municipalities, whose English names nobody publishes as a
// list.
[[nodiscard]] std::string_view authority_name_en(AuthorityCode code);

}  // namespace shikaku::domain
