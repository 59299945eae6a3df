// 年度: from April to March, named by the year it begins in.
#pragma once

#include "gateway/domain/numbers.h"

namespace shikaku::domain {

class FiscalYear : public detail::Digits<FiscalYear, 4> {
  public:
    // Four digits, 1868 to 2999.
    [[nodiscard]] static std::optional<FiscalYear> parse(std::string_view text);
    // Also of a Japanese era: "R8", "令和8年度", "令和元年度", "2026年度".
    [[nodiscard]] static std::optional<FiscalYear> parse_any(std::string_view text);

  private:
    using Digits::Digits;
};

}  // namespace shikaku::domain
