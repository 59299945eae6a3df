#include "municipal-mocks/faults.h"

#include <catch2/catch.hpp>

namespace {

using namespace shikaku;
using namespace shikaku::mocks;

}  // namespace

TEST_CASE("a fault plan without chances applies always; delays add up") {
    const auto plan = FaultPlan::parse(R"({"faults": [
        {"kind": "delay", "ms": 5}, {"kind": "status", "status": 503},
        {"kind": "delay", "ms": 7}, {"kind": "hang"}]})");
    REQUIRE(plan);
    std::mt19937_64 dice(1);
    const auto drawn = plan->draw(dice);
    CHECK(drawn.delay == std::chrono::milliseconds(12));
    CHECK(drawn.fault.kind == Fault::Kind::status);
    CHECK(drawn.fault.number == 503);
}

TEST_CASE("a chance comes up about as often as it says, and alike for the same seed") {
    const auto plan =
        FaultPlan::parse(R"({"seed": 3, "faults": [{"kind": "hang", "chance": 0.25}]})");
    REQUIRE(plan);
    CHECK(plan->seed() == 3);
    std::mt19937_64 dice(plan->seed()), same(plan->seed());
    int hung = 0;
    for (int i = 0; i < 4000; ++i) {
        const auto drawn = plan->draw(dice);
        CHECK(drawn.fault.kind == plan->draw(same).fault.kind);
        hung += drawn.fault.kind == Fault::Kind::hang ? 1 : 0;
    }
    CHECK(hung > 850);
    CHECK(hung < 1150);
    const auto never = FaultPlan::parse(R"({"faults": [{"kind": "garbage", "chance": 0}]})");
    REQUIRE(never);
    CHECK(never->draw(dice).fault.kind == Fault::Kind::none);
}

TEST_CASE("a bad fault plan is refused") {
    const auto text = GENERATE(as<std::string>(), "", "[]", "{}", "nonsense", R"({"faults": {}})",
                               R"({"faults": [{}]})", R"({"faults": [{"kind": "fire"}]})",
                               R"({"faults": [{"kind": 1}]})", R"({"faults": [{"kind": "delay"}]})",
                               R"({"faults": [{"kind": "delay", "ms": 0}]})",
                               R"({"faults": [{"kind": "delay", "ms": "5"}]})",
                               R"({"faults": [{"kind": "status", "status": 99}]})",
                               R"({"faults": [{"kind": "status", "status": 600}]})",
                               R"({"faults": [{"kind": "cut", "bytes": -1}]})",
                               R"({"faults": [{"kind": "hang", "ms": 5}]})",
                               R"({"faults": [{"kind": "hang", "chance": 1.01}]})",
                               R"({"faults": [{"kind": "hang", "chance": -0.1}]})",
                               R"({"faults": [], "sede": 1})", R"({"faults": [], "seed": "x"})");
    INFO(text);
    const auto plan = FaultPlan::parse(text);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == ErrorCode::bad_configuration);
}
