#include "tests/support/reference.h"

// Run by ctest alone, with SHIKAKU_REQUIRE_VECTORS=1 and in the hope that it fails.
TEST_CASE("a reference that nobody has", "[.][missing-reference]") {
    CHECK_FALSE(shikaku::testing::reference("vectors/nobody-has-these"));
}
