#include "gateway/support/broken_pipe.h"

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>

TEST_CASE("a closed pipe is an error, not the end of the program") {
    shikaku::survive_broken_pipes();
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    ::close(ends[0]);
    CHECK(::write(ends[1], "x", 1) == -1);
    CHECK(errno == EPIPE);
    ::close(ends[1]);
}
