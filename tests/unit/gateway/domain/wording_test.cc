#include "gateway/domain/wording.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace shikaku::domain::test {
namespace {

TEST_CASE("the fingerprint of the wording is 8 hex digits") {
    CHECK(wording().size() == 8);
    CHECK(wording().find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

}  // namespace
}  // namespace shikaku::domain::test
