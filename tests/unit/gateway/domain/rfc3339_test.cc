#include "gateway/domain/rfc3339.h"

#include <catch2/catch.hpp>

using shikaku::domain::parse_rfc3339;

TEST_CASE("a time of RFC 3339 is the same instant in every offset") {
    const auto ms = [](std::string_view text) {
        const auto instant = parse_rfc3339(text);
        REQUIRE(instant);
        return instant->time_since_epoch().count();
    };
    // 2026-11-20 00:00 UTC is 20,777 days after the epoch.
    constexpr std::int64_t kMidnight = 20'777LL * 86'400 * 1000;
    CHECK(ms("2026-11-20T00:00:00Z") == kMidnight);
    CHECK(ms("2026-11-20T09:00:00+09:00") == kMidnight);
    CHECK(ms("2026-11-19T19:30:00-04:30") == kMidnight);
    CHECK(ms("2026-11-20T00:00:00.1Z") == kMidnight + 100);
    CHECK(ms("2026-11-20T00:00:00.123Z") == kMidnight + 123);
    CHECK(ms("2026-11-20T00:00:00.123999Z") == kMidnight + 123);
    CHECK(ms("2026-11-19T23:59:60Z") == kMidnight);
}

TEST_CASE("what is not RFC 3339 is refused") {
    const auto text = GENERATE(
        as<std::string>(), "", "2026-11-20", "2026-11-20T00:00:00", "2026-11-20 00:00:00Z",
        "2026-11-20t00:00:00Z", "2026-11-20T00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T00:60:00Z",
        "2026-11-20T00:00:61Z", "2026-02-29T00:00:00Z", "2026-11-20T00:00:00.Z",
        "2026-11-20T00:00:00,5Z", "2026-11-20T00:00:00+0900", "2026-11-20T00:00:00+9:00",
        "2026-11-20T00:00:00+24:00", "2026-11-20T00:00:00+09:60", "2026-11-20T00:00:00+09:00 ",
        "2026-11-20T00:00:00ZZ", "2026-11-20T0x:00:00Z", "20261120T000000Z",
        "2026-11-20T00:00:00.00000000000000000000000Z");
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text));
}
