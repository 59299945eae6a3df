#include "gateway/support/clock.h"

#include <catch2/catch.hpp>

namespace shikaku {
namespace {

using namespace std::chrono_literals;

TEST_CASE("an instant is written in Japanese time with whole seconds") {
    CHECK(to_rfc3339_jst(Instant(0ms)) == "1970-01-01T09:00:00+09:00");
    // 2026-11-19T23:59:00.999Z is already the 20th in Japan.
    const Instant instant =
        std::chrono::sys_days(std::chrono::year(2026) / 11 / 19) + 23h + 59min + 999ms;
    CHECK(to_rfc3339_jst(instant) == "2026-11-20T08:59:00+09:00");
    CHECK(to_rfc3339_jst(Instant(-1ms)) == "1970-01-01T08:59:59+09:00");
}

TEST_CASE("a manual clock stands still until it is moved") {
    ManualClock clock(Instant(5s));
    CHECK(clock.now() == Instant(5s));
    clock.advance(250ms);
    CHECK(clock.now() == Instant(5250ms));
    clock.set(Instant(1s));
    CHECK(clock.now() == Instant(1s));
}

TEST_CASE("the system clock gives a time of our days") {
    CHECK(SystemClock().now() > std::chrono::sys_days(std::chrono::year(2024) / 1 / 1));
}

}  // namespace
}  // namespace shikaku
