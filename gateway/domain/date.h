// Civil dates. A service date is a Japanese date (JST); nothing here knows a time of day.
#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/support/clock.h"

namespace shikaku::domain {

class Date {
  public:
    constexpr Date() = default;
    constexpr explicit Date(std::chrono::sys_days days) : days_(days) {}
    constexpr explicit Date(std::chrono::year_month_day ymd) : days_(ymd) {}

    // "2026-11-20" only; 1868-01-25 .. 9999-12-31, real days.
    [[nodiscard]] static std::optional<Date> parse_iso(std::string_view text);
    // Also "20261120", "R8.4.1", "R08.04.01", "令和8年4月1日", "令和元年5月1日"; M T S H R with
    // their first and last days checked (Meiji from 1868-10-23, Taisho 1912-07-30, Showa
    // 1926-12-25, Heisei 1989-01-08, Reiwa 2019-05-01).
    [[nodiscard]] static std::optional<Date> parse_any(std::string_view text);
    [[nodiscard]] static Date of_instant_jst(Instant instant);

    [[nodiscard]] std::string iso() const;       // 2026-11-20
    [[nodiscard]] std::string japanese() const;  // 令和8年11月20日
    [[nodiscard]] std::chrono::year_month_day ymd() const { return {days_}; }
    [[nodiscard]] std::chrono::sys_days days() const { return days_; }

    [[nodiscard]] Date plus_days(int days) const { return Date(days_ + std::chrono::days(days)); }
    // 29 February becomes 28 February (plus_years) or the month's last day (plus_months).
    [[nodiscard]] Date plus_years(int years) const;
    [[nodiscard]] Date plus_months(int months) const;

    auto operator<=>(const Date&) const = default;

  private:
    std::chrono::sys_days days_{};
};

// Age in completed years. 年齢計算ニ関スル法律: a year is completed at the end of the day before
// the birthday, so on the day before the birthday the person already has the new age.
[[nodiscard]] int legal_age(Date birth, Date on);
// 「N歳に達する日以後の最初の3月31日」: the last day of the fiscal year in which the person reaches
// the age.
[[nodiscard]] Date fiscal_year_end_after_age(Date birth, int age);
// The first 31 March on or after the date.
[[nodiscard]] Date fiscal_year_end(Date on);

}  // namespace shikaku::domain
