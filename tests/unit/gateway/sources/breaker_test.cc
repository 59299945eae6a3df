#include "gateway/sources/breaker.h"

#include <catch2/catch.hpp>

namespace {

using namespace shikaku;
using namespace shikaku::sources;
using namespace std::chrono_literals;
using Turn = Breaker::Turn;
using State = Breaker::State;

const Breaker::Time kStart{std::chrono::hours(1)};
constexpr double kNoLess = 1;  // jitter of a whole pause

Hash256 someone(int number) {
    Hash256 link_key{};
    link_key[0] = static_cast<std::uint8_t>(number);
    return link_key;
}

struct Source {
    Breaker breaker{{.first = 1s, .longest = 8s}};

    // The pause that a failure began.
    std::optional<std::chrono::milliseconds> fail(Breaker::Time now, int about,
                                                  double jitter = kNoLess) {
        return breaker.failed(now, someone(about), breaker.turn(now), 3, jitter);
    }
};

TEST_CASE(
    "failures in a row about different people pause a source; an answer between them does not") {
    Source source;
    CHECK_FALSE(source.fail(kStart, 1));
    CHECK_FALSE(source.fail(kStart, 2));
    source.breaker.answered();
    CHECK_FALSE(source.fail(kStart, 1));
    CHECK_FALSE(source.fail(kStart, 2));
    CHECK(source.breaker.turn(kStart) == Turn::ask);
    CHECK(source.fail(kStart, 3) == 1s);
    CHECK(source.breaker.state() == State::paused);
    CHECK(source.breaker.turn(kStart + 999ms) == Turn::refuse);
}

TEST_CASE("one person whom a source cannot answer does not pause it for everybody") {
    Source source;
    for (int i = 0; i < 100; ++i)
        CHECK_FALSE(source.fail(kStart, 1));
    CHECK(source.breaker.turn(kStart) == Turn::ask);
}

TEST_CASE("after the pause one probe at a time asks, and its answer ends the pause") {
    Source source;
    for (int i = 0; i < 3; ++i)
        source.fail(kStart, i);
    CHECK(source.breaker.turn(kStart + 1s) == Turn::probe);
    CHECK(source.breaker.state() == State::probing);
    CHECK(source.breaker.turn(kStart + 1s) == Turn::refuse);
    CHECK(source.breaker.turn(kStart + 1h) == Turn::refuse);
    source.breaker.answered();
    CHECK(source.breaker.state() == State::closed);
    CHECK(source.breaker.turn(kStart + 1h) == Turn::ask);
    CHECK_FALSE(source.fail(kStart, 1));  // counted from the beginning
}

TEST_CASE("each probe that fails doubles the pause up to the longest") {
    Source source;
    for (int i = 0; i < 3; ++i)
        source.fail(kStart, i);
    auto now = kStart + 1s;
    int next = 10;
    for (const auto pause : {2s, 4s, 8s, 8s, 8s}) {
        REQUIRE(source.fail(now, next++) == pause);
        CHECK(source.breaker.turn(now + pause - 1ms) == Turn::refuse);
        now += pause;
    }
    for (int i = 0; i < 100; ++i, now += 8s)
        REQUIRE(source.fail(now, next++) == 8s);
}

TEST_CASE("a probe about the person of the failure before begins the same pause again") {
    Source source;
    for (int i = 0; i < 3; ++i)
        source.fail(kStart, i);
    auto now = kStart + 1s;
    for (int i = 0; i < 100; ++i, now += 1s)
        REQUIRE(source.fail(now, 2) == 1s);
    REQUIRE(source.fail(now, 3) == 2s);
    now += 2s;
    REQUIRE(source.fail(now, 3) == 2s);
}

TEST_CASE("a pause is between half of itself and itself") {
    Source source;
    for (int i = 0; i < 2; ++i)
        source.fail(kStart, i);
    CHECK(source.fail(kStart, 2, 0) == 500ms);
    CHECK(source.fail(kStart + 500ms, 3, 0.5) == 1500ms);
}

TEST_CASE("what was asked before a pause neither lengthens it nor takes the probe's place") {
    Source source;
    for (int i = 0; i < 3; ++i)
        source.fail(kStart, i);
    CHECK_FALSE(source.breaker.failed(kStart, someone(9), Turn::ask, 3, kNoLess));
    REQUIRE(source.breaker.turn(kStart + 1s) == Turn::probe);
    CHECK_FALSE(source.breaker.failed(kStart + 1s, someone(9), Turn::ask, 3, kNoLess));
    CHECK(source.breaker.state() == State::probing);
}

}  // namespace
