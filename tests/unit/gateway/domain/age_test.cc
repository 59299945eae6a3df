#include "gateway/domain/age.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain {
namespace {

using test::date;

AgeRange ages(std::optional<int> from, std::optional<int> from_year, std::optional<int> to,
              std::optional<int> to_year) {
    return {.from = from,
            .from_fiscal_year_after = from_year,
            .to = to,
            .to_fiscal_year_end_after = to_year};
}

bool in(const AgeRange& range, std::string_view birth, std::string_view on) {
    return age_in_range(range, date(birth), date(on));
}

TEST_CASE("years are completed on the day before the birthday") {
    const AgeRange range = ages(18, {}, 64, {});
    CHECK_FALSE(in(range, "2008-11-20", "2026-11-18"));
    CHECK(in(range, "2008-11-20", "2026-11-19"));
    CHECK(in(range, "1961-11-20", "2026-11-18"));
    CHECK_FALSE(in(range, "1961-11-20", "2026-11-19"));
}

TEST_CASE("school years turn on 1 April, and a child of 1 April belongs to the year before") {
    const AgeRange range = ages({}, 6, {}, 15);
    CHECK_FALSE(in(range, "2020-04-02", "2026-03-31"));
    CHECK_FALSE(in(range, "2020-04-02", "2026-04-01"));
    CHECK(in(range, "2020-04-02", "2027-04-01"));
    CHECK(in(range, "2020-04-01", "2026-04-01"));
    CHECK(in(range, "2011-04-02", "2027-03-31"));
    CHECK_FALSE(in(range, "2011-04-02", "2027-04-01"));
    CHECK(in(range, "2011-04-01", "2026-03-31"));
    CHECK_FALSE(in(range, "2011-04-01", "2026-04-01"));
}

TEST_CASE("nobody is covered before birth") {
    CHECK_FALSE(in(ages({}, {}, 2, {}), "2026-11-21", "2026-11-20"));
    CHECK(in(ages({}, {}, 2, {}), "2026-11-20", "2026-11-20"));
}

TEST_CASE("29 February") {
    const AgeRange range = ages({}, {}, 2, {});
    CHECK(in(range, "2024-02-29", "2027-02-27"));
    CHECK_FALSE(in(range, "2024-02-29", "2027-02-28"));
}

TEST_CASE("a missing birth date is unknown only where there is a rule") {
    CHECK(check_age(std::nullopt, std::nullopt, date("2026-11-20")) == Answered::yes);
    CHECK(check_age(ages(1, {}, {}, {}), std::nullopt, date("2026-11-20")) == Answered::unknown);
    CHECK(check_age(ages(1, {}, {}, {}), date("2026-01-01"), date("2026-11-20")) == Answered::no);
}

}  // namespace
}  // namespace shikaku::domain
