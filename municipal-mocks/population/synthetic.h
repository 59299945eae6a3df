// Numbers of people who do not exist: right in shape and check digit, drawn from a seed. The same
// seed gives the same numbers on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>

#include "gateway/domain/date.h"

namespace shikaku::mocks {

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
    [[nodiscard]] bool chance(unsigned percent) { return below(100) < percent; }
    [[nodiscard]] domain::Date day_between(domain::Date first, domain::Date last);

    // 個人番号 with a right check digit; none twice.
    [[nodiscard]] std::string personal_number();

  private:
    std::mt19937_64 engine_;
    std::set<std::string> used_;
};

// 受給者番号: six digits and their check digit.
[[nodiscard]] std::string recipient_number(unsigned body);

}  // namespace shikaku::mocks
