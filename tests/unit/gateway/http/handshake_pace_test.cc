#include "gateway/http/handshake_pace.h"

#include <catch2/catch.hpp>

namespace shikaku::http::testing {

using namespace std::chrono_literals;

TEST_CASE("so many handshakes at once, then so many a second, and each key by itself") {
    HandshakePace<int> pace({.per_minute = 600, .burst = 3});
    const HandshakePace<int>::Time start{1h};
    for (int i = 0; i < 3; ++i)
        CHECK(pace.take(1, start));
    CHECK_FALSE(pace.take(1, start));
    CHECK(pace.take(2, start));
    CHECK_FALSE(pace.take(1, start + 99ms));
    CHECK(pace.take(1, start + 100ms));
    CHECK_FALSE(pace.take(1, start + 100ms));
    // A pause gives back no more than was taken.
    for (int i = 0; i < 3; ++i)
        CHECK(pace.take(1, start + 1h));
    CHECK_FALSE(pace.take(1, start + 1h));
}

TEST_CASE("no pace, no bound") {
    HandshakePace<int> pace({.per_minute = 0, .burst = 1});
    for (int i = 0; i < 100; ++i)
        CHECK(pace.take(1, HandshakePace<int>::Time{}));
    CHECK(pace.remembered() == 0);
}

TEST_CASE("who has paused is forgotten when there are many, who has not is remembered") {
    HandshakePace<std::size_t> pace({.per_minute = 60, .burst = 2});
    const HandshakePace<std::size_t>::Time start{1h};
    for (std::size_t i = 0; i < bounds::kHandshakeBuckets; ++i)
        CHECK(pace.take(i, start));
    CHECK(pace.remembered() == bounds::kHandshakeBuckets);
    CHECK(pace.take(0, start + 1ms));
    CHECK(pace.take(bounds::kHandshakeBuckets, start + 1s));
    CHECK(pace.remembered() == 2);
    CHECK_FALSE(pace.take(0, start + 999ms));
}

TEST_CASE("however many come and none has paused, so many are remembered") {
    HandshakePace<std::size_t> pace({.per_minute = 1, .burst = 1});
    const HandshakePace<std::size_t>::Time start{1h};
    for (std::size_t i = 0; i < bounds::kHandshakeBuckets + 1000; ++i)
        CHECK(pace.take(i, start));
    CHECK(pace.remembered() == bounds::kHandshakeBuckets);
    CHECK_FALSE(pace.take(bounds::kHandshakeBuckets + 999, start + 1s));
}

}  // namespace shikaku::http::testing
