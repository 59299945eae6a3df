#include "gateway/domain/date.h"

#include <catch2/catch.hpp>

namespace shikaku::domain {
namespace {

using std::chrono::year;

Date date(std::string_view iso) {
    return Date::parse_iso(iso).value();
}

TEST_CASE("ISO dates are read and written back") {
    const std::string text =
        GENERATE(values<std::string>({"2026-11-20", "1868-01-25", "9999-12-31", "2024-02-29",
                                      "2000-02-29", "1970-01-01", "1926-12-25"}));
    REQUIRE(Date::parse_iso(text));
    CHECK(Date::parse_iso(text)->iso() == text);
    CHECK(Date::parse_any(text) == Date::parse_iso(text));
}

TEST_CASE("every day of two centuries comes back through its text forms") {
    std::size_t wrong = 0;
    for (Date day = date("1912-07-30"); day < date("2118-01-01"); day = day.plus_days(1)) {
        if (Date::parse_iso(day.iso()) != day) ++wrong;
        if (Date::parse_any(day.japanese()) != day) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("dates of every spelling are read") {
    const auto [text, iso] = GENERATE(table<std::string, std::string>({
        {"20261120", "2026-11-20"},
        {"R8.4.1", "2026-04-01"},
        {"R08.04.01", "2026-04-01"},
        {"R8.04.1", "2026-04-01"},
        {"R1.5.1", "2019-05-01"},
        {"H31.4.30", "2019-04-30"},
        {"H1.1.8", "1989-01-08"},
        {"S64.1.7", "1989-01-07"},
        {"S1.12.25", "1926-12-25"},
        {"T15.12.24", "1926-12-24"},
        {"T1.7.30", "1912-07-30"},
        {"M45.7.29", "1912-07-29"},
        {"M1.10.23", "1868-10-23"},
        {"令和8年4月1日", "2026-04-01"},
        {"令和08年04月01日", "2026-04-01"},
        {"令和８年４月１日", "2026-04-01"},
        {"令和１０年１２月３１日", "2028-12-31"},
        {"令和元年5月1日", "2019-05-01"},
        {"令和1年5月1日", "2019-05-01"},
        {"平成31年4月30日", "2019-04-30"},
        {"昭和64年1月7日", "1989-01-07"},
        {"大正元年7月30日", "1912-07-30"},
        {"明治元年10月23日", "1868-10-23"},
        {"R6.2.29", "2024-02-29"},
        {"R99.1.1", "2117-01-01"},
    }));
    CAPTURE(text);
    REQUIRE(Date::parse_any(text));
    CHECK(Date::parse_any(text)->iso() == iso);
}

TEST_CASE("days outside their era are refused") {
    const std::string bad = GENERATE(values<std::string>({
        "R1.4.30",  "H31.5.1", "H32.1.1",       "平成35年3月31日",  "H1.1.7",
        "S64.1.8",  "S65.1.1", "S1.12.24",      "T15.12.25",        "T1.7.29",
        "M45.7.30", "M46.1.1", "M1.10.22",      "明治元年1月25日",  "令和元年4月30日",
        "R0.5.1",   "R00.5.1", "令和0年5月1日", "令和０年５月１日",
    }));
    CAPTURE(bad);
    CHECK_FALSE(Date::parse_any(bad));
}

TEST_CASE("bad dates are refused") {
    const std::string bad = GENERATE(values<std::string>({
        // not a date
        "",
        " ",
        "x",
        "today",
        "0",
        "-",
        "2026",
        "2026-11",
        "2026-11-20T00:00",
        "2026-11-20 ",
        " 2026-11-20",
        "2026-11-20\n",
        std::string("2026-11-20\0", 11),
        // shape
        "2026-1-20",
        "2026-11-2",
        "26-11-20",
        "2026/11/20",
        "2026.11.20",
        "2026-1120",
        "202611-20",
        "2026--1-20",
        "+026-11-20",
        "-026-11-20",
        "2026-+1-20",
        "20-11-2026",
        "2026-11-2O",
        "２０２６-11-20",
        "2026120",
        "202611200",
        "２０２６１１２０",
        // days that do not exist
        "2026-02-29",
        "2100-02-29",
        "2026-02-30",
        "2026-04-31",
        "2026-00-10",
        "2026-13-01",
        "2026-11-00",
        "2026-11-32",
        "20260229",
        "20261301",
        "00000000",
        "R8.2.29",
        "R8.13.1",
        "R8.0.1",
        "R8.1.0",
        "R8.1.32",
        "令和8年2月29日",
        "令和8年13月1日",
        // out of range
        "1868-01-24",
        "0000-01-01",
        "0001-01-01",
        "18680124",
        // eras
        "r8.4.1",
        "R8.4",
        "R8.4.1.",
        "R8.4.1日",
        "R8-4-1",
        "R8/4/1",
        "R 8.4.1",
        "R.8.4.1",
        "R8..1",
        "R008.4.1",
        "R8.004.1",
        "R8.4.001",
        "R８.４.１",
        "R元.5.1",
        "X8.4.1",
        "A8.4.1",
        "R",
        "R8",
        "令和",
        "令和8年",
        "令和8年4月",
        "令和8年4月1",
        "令和8年4月1日 ",
        " 令和8年4月1日",
        "令和 8年4月1日",
        "令和8年4月1日金曜日",
        "令和8.4.1",
        "令8年4月1日",
        "令和八年四月一日",
        "令和元元年5月1日",
        "令和108年4月1日",
        "令和8年004月1日",
        "慶応4年1月1日",
        "令和-8年4月1日",
        "令和年月日",
        "㋿8年4月1日",
        "令和8年4月\xEF\xBC",
        "令和\xEF\xBC\x98",
        "\xE4\xBB",
    }));
    CAPTURE(bad);
    CHECK_FALSE(Date::parse_any(bad));
    CHECK_FALSE(Date::parse_iso(bad));
}

TEST_CASE("parse_iso takes the ISO form only") {
    for (const auto* other : {"20261120", "R8.4.1", "令和8年4月1日"}) {
        CHECK_FALSE(Date::parse_iso(other));
    }
}

TEST_CASE("Japanese dates are written with their era, the first year as 元") {
    CHECK(date("2026-11-20").japanese() == "令和8年11月20日");
    CHECK(date("2019-05-01").japanese() == "令和元年5月1日");
    CHECK(date("2019-04-30").japanese() == "平成31年4月30日");
    CHECK(date("1989-01-08").japanese() == "平成元年1月8日");
    CHECK(date("1989-01-07").japanese() == "昭和64年1月7日");
    CHECK(date("1926-12-25").japanese() == "昭和元年12月25日");
    CHECK(date("1912-07-30").japanese() == "大正元年7月30日");
    CHECK(date("1912-07-29").japanese() == "明治45年7月29日");
    CHECK(date("1868-01-25").japanese() == "明治元年1月25日");
}

TEST_CASE("the Japanese date changes at 15:00 UTC") {
    using namespace std::chrono_literals;
    const auto day = std::chrono::sys_days(year(2026) / 11 / 20);
    CHECK(Date::of_instant_jst(day + 14h + 59min + 59s + 999ms) == date("2026-11-20"));
    CHECK(Date::of_instant_jst(day + 15h) == date("2026-11-21"));
    CHECK(Date::of_instant_jst(Instant(-9h - 1ms)) == date("1969-12-31"));
}

TEST_CASE("months and years are added to the calendar, ends of months stay in their month") {
    const auto [from, months, to] = GENERATE(table<std::string, int, std::string>({
        {"2026-01-31", 1, "2026-02-28"},
        {"2024-01-31", 1, "2024-02-29"},
        {"2026-03-31", -1, "2026-02-28"},
        {"2026-11-20", 3, "2027-02-20"},
        {"2026-11-30", 3, "2027-02-28"},
        {"2026-12-31", 0, "2026-12-31"},
        {"2026-01-15", -13, "2024-12-15"},
        {"2026-08-31", 1, "2026-09-30"},
    }));
    CAPTURE(from, months);
    CHECK(date(from).plus_months(months).iso() == to);
    CHECK(date("2024-02-29").plus_years(1).iso() == "2025-02-28");
    CHECK(date("2024-02-29").plus_years(4).iso() == "2028-02-29");
    CHECK(date("2024-02-29").plus_years(-1).iso() == "2023-02-28");
    CHECK(date("2026-11-20").plus_years(-2).iso() == "2024-11-20");
    CHECK(date("2026-12-31").plus_days(1).iso() == "2027-01-01");
}

TEST_CASE("a year of age is completed on the eve of the birthday") {
    const auto [birth, on, age] = GENERATE(table<std::string, std::string, int>({
        {"2010-04-02", "2026-03-31", 15},
        {"2010-04-02", "2026-04-01", 16},
        {"2010-04-01", "2026-03-30", 15},
        {"2010-04-01", "2026-03-31", 16},
        {"2020-01-01", "2025-12-30", 5},
        {"2020-01-01", "2025-12-31", 6},
        {"2020-02-29", "2026-02-27", 5},
        {"2020-02-29", "2026-02-28", 6},
        {"2020-02-29", "2024-02-27", 3},
        {"2020-02-29", "2024-02-28", 4},
        {"2020-03-01", "2024-02-28", 3},
        {"2020-03-01", "2024-02-29", 4},
        {"2020-03-01", "2025-02-27", 4},
        {"2020-03-01", "2025-02-28", 5},
        {"2026-11-20", "2026-11-20", 0},
        {"2026-11-20", "2026-11-19", 0},
        {"2026-11-20", "2026-11-18", -1},
    }));
    CAPTURE(birth, on);
    CHECK(legal_age(date(birth), date(on)) == age);
}

TEST_CASE("the fiscal year ends on the first 31 March from a date on") {
    CHECK(fiscal_year_end(date("2026-03-31")).iso() == "2026-03-31");
    CHECK(fiscal_year_end(date("2026-04-01")).iso() == "2027-03-31");
    CHECK(fiscal_year_end(date("2026-01-01")).iso() == "2026-03-31");
    CHECK(fiscal_year_end(date("2026-12-31")).iso() == "2027-03-31");
}

TEST_CASE("18歳到達後最初の3月31日: those born on 1 April belong to the year before") {
    const auto [birth, age, last] = GENERATE(table<std::string, int, std::string>({
        {"2008-04-02", 18, "2027-03-31"},
        {"2008-04-01", 18, "2026-03-31"},
        {"2008-03-31", 18, "2026-03-31"},
        {"2008-12-31", 18, "2027-03-31"},
        {"2020-04-01", 6, "2026-03-31"},
        {"2020-04-02", 6, "2027-03-31"},
        {"2008-02-29", 18, "2026-03-31"},
        {"2008-02-29", 20, "2028-03-31"},
    }));
    CAPTURE(birth, age);
    CHECK(fiscal_year_end_after_age(date(birth), age).iso() == last);
}

TEST_CASE("the last day of a fiscal year after an age is consistent with the age itself") {
    for (Date birth = date("2007-01-01"); birth < date("2013-01-01"); birth = birth.plus_days(1)) {
        const Date last = fiscal_year_end_after_age(birth, 18);
        REQUIRE(legal_age(birth, last) >= 18);
        REQUIRE(legal_age(birth, last.plus_years(-1)) < 18);
    }
}

}  // namespace
}  // namespace shikaku::domain
