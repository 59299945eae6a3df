#include "gateway/support/descriptors.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <limits>

namespace shikaku {
namespace {

TEST_CASE("the descriptor limit is raised as wanted, to the hard one at most, and never lowered") {
    rlimit at_start{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &at_start) == 0);
    rlimit low = at_start;
    low.rlim_cur = 64;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);

    const auto raised = raise_descriptor_limit(100);
    CHECK(raised.before == 64);
    CHECK(raised.now == 100);
    CHECK(raised.hard == at_start.rlim_max);
    CHECK(raise_descriptor_limit(10).now == 100);
    CHECK(raise_descriptor_limit(std::numeric_limits<std::size_t>::max()).now == at_start.rlim_max);

    REQUIRE(::setrlimit(RLIMIT_NOFILE, &at_start) == 0);
}

}  // namespace
}  // namespace shikaku
