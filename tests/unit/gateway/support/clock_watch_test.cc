#include "gateway/support/clock_watch.h"

#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"

namespace {

using namespace shikaku;
using namespace std::chrono_literals;

constexpr Instant kStart{1'795'132'800'000ms};

// A machine whose wall clock can be set; time since boot goes its own way.
struct Machine {
    void pass(std::chrono::milliseconds time) {
        reading.wall += time;
        reading.since_boot += time;
    }
    void set_wall(std::chrono::milliseconds by) { reading.wall += by; }

    WatchedClock::Reading reading{.wall = kStart, .since_boot = 5h};
    WatchedClock clock{[this] { return reading; }};
};

TEST_CASE("time that passes evenly is the system's own") {
    Machine machine;
    machine.pass(400 * 24h);
    CHECK(machine.clock.now() == kStart + 400 * 24h);
    CHECK(machine.clock.trusted());
}

TEST_CASE("a jump of the wall clock is not followed, and told until it is back") {
    Machine machine;
    const auto jump = GENERATE(std::chrono::milliseconds(2h), std::chrono::milliseconds(-2h),
                               std::chrono::milliseconds(30'001ms));
    machine.pass(10s);
    machine.set_wall(jump);
    CHECK(machine.clock.now() == kStart + 10s);
    const auto trusted = machine.clock.trusted();
    REQUIRE_FALSE(trusted);
    CHECK(trusted.error().code == ErrorCode::clock_unsure);
    const std::string seconds = std::to_string(jump.count() / 1000) + " s";
    CHECK(trusted.error().detail.find(seconds) != std::string::npos);
    machine.pass(1h);
    CHECK(machine.clock.now() == kStart + 10s + 1h);
    CHECK_FALSE(machine.clock.trusted());
    machine.set_wall(-jump);
    CHECK(machine.clock.trusted());
    CHECK(machine.clock.now() == kStart + 10s + 1h);
}

TEST_CASE("small steps are followed, however many") {
    Machine machine;
    for (int i = 0; i < 100; ++i) {
        machine.pass(1h);
        machine.set_wall(10s);
        REQUIRE(machine.clock.trusted());
        REQUIRE(machine.clock.now() == machine.reading.wall);
    }
    machine.set_wall(-bounds::kClockStep - 1s);
    CHECK_FALSE(machine.clock.trusted());
}

TEST_CASE("a clock behind what is on record is not trusted until it has come there") {
    Machine machine;
    machine.clock.expect_after(kStart + 2h);
    const auto trusted = machine.clock.trusted();
    REQUIRE_FALSE(trusted);
    CHECK(trusted.error().code == ErrorCode::clock_unsure);
    CHECK(trusted.error().detail.find("7200 s") != std::string::npos);
    CHECK(trusted.error().detail.find("--clock-is-right") != std::string::npos);
    machine.pass(2h - 31s);
    CHECK_FALSE(machine.clock.trusted());
    machine.pass(1s);
    CHECK(machine.clock.trusted());
}

TEST_CASE("the real clocks agree with each other") {
    const WatchedClock clock;
    CHECK(clock.trusted());
    CHECK(std::chrono::abs(clock.now() - SystemClock().now()) < 10s);
    const auto first = WatchedClock::read_system().since_boot;
    CHECK(WatchedClock::read_system().since_boot >= first);
}

}  // namespace
