// The age rule of a scheme: completed years (年齢計算ニ関スル法律) and fiscal years
// (「18歳に達する日以後の最初の3月31日まで」).
#pragma once

#include <optional>

#include "gateway/domain/answered.h"
#include "gateway/domain/date.h"
#include "gateway/domain/scheme.h"

namespace shikaku::domain {

[[nodiscard]] bool age_in_range(const AgeRange& range, Date birth, Date on);
// yes without a range; unknown: there is one, but nobody told the birth date.
[[nodiscard]] Answered check_age(const std::optional<AgeRange>& range,
                                 const std::optional<Date>& birth, Date on);

}  // namespace shikaku::domain
