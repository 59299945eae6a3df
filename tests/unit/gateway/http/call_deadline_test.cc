#include "gateway/http/call_deadline.h"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

namespace shikaku::http::testing {

using namespace std::chrono_literals;

TEST_CASE("a deadline that passed while nothing was waited for ends the next wait") {
    asio::io_context io;
    CallDeadline deadline(io.get_executor(), std::chrono::steady_clock::now() - 1s);
    io.run();
    CHECK(deadline.passed());
    int cancelled = 0;
    const CallDeadline::Guard guard(deadline, [&cancelled] { ++cancelled; });
    CHECK(cancelled == 1);
}

TEST_CASE("a deadline to come ends the wait of the moment, and none that is over") {
    asio::io_context io;
    int first = 0;
    int second = 0;
    CallDeadline deadline(io.get_executor(), std::chrono::steady_clock::now() + 20ms);
    {
        const CallDeadline::Guard over(deadline, [&first] { ++first; });
    }
    const CallDeadline::Guard guard(deadline, [&second] { ++second; });
    io.run();
    CHECK(first == 0);
    CHECK(second == 1);
}

}  // namespace shikaku::http::testing
