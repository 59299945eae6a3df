#include "gateway/support/clock.h"

#include <fmt/format.h>

namespace shikaku {

std::string to_rfc3339_jst(Instant instant) {
    const auto local = std::chrono::floor<std::chrono::seconds>(instant + std::chrono::hours(9));
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{local - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+09:00", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace shikaku
