#include "gateway/registry/hold_back.h"

#include <catch2/catch.hpp>

#include "gateway/registry/entitlement_kind.h"

using namespace shikaku::registry;

namespace {

std::vector<shikaku::domain::Localized> reasons_to_hold(const Comparison& comparison,
                                                        const PublicationReport& report) {
    return shikaku::registry::reasons_to_hold(comparison, report, kEntitlementColumns);
}

constexpr auto kSegment = static_cast<std::size_t>("segment"_column);

PublicationReport full(std::uint64_t read, std::uint64_t refused) {
    PublicationReport report{.id = "p", .mode = Mode::full};
    report.read = read;
    report.refused = refused;
    return report;
}

}  // namespace

TEST_CASE("more than a tenth and at least 20 rows ending holds") {
    struct Case {
        std::uint64_t in_force, ended;
        bool held;
    };
    const Case cases[] = {
        {0, 0, false},    {1000, 0, false}, {1000, 100, false}, {1000, 101, true},
        {100, 19, false}, {100, 20, true},  {19, 19, false},    {20, 20, true},
        {199, 20, true},  {200, 20, false}, {201, 21, true},    {1'000'000, 100'000, false},
    };
    for (const Case& one : cases) {
        Comparison comparison;
        comparison.in_force = one.in_force;
        comparison.ended = one.ended;
        CAPTURE(one.in_force, one.ended);
        CHECK(reasons_to_hold(comparison, full(1000, 0)).empty() != one.held);
    }
}

TEST_CASE("whose rows some are is not known: one that ends holds, and the lines are named") {
    Comparison comparison;
    comparison.in_force = 1'000'000;
    comparison.unattributed = 12;
    comparison.unattributed_lines = {40, 77};
    CHECK(reasons_to_hold(comparison, full(1'000'000, 12)).empty());
    comparison.ended = 1;
    const auto reasons = reasons_to_hold(comparison, full(1'000'000, 12));
    REQUIRE(reasons.size() == 1);
    CHECK(reasons[0].ja.contains("12行あります(40、77…行目)"));
    CHECK(reasons[0].en.contains("12 of the file are is not known (line 40, 77…)"));
    PublicationReport delta = full(10, 10);
    delta.mode = Mode::delta;
    CHECK(reasons_to_hold(comparison, delta).empty());
}

TEST_CASE(
    "whose rows some are is not known: a first file or a new row holds, whoever is left out") {
    Comparison comparison;
    comparison.unattributed = 1;
    comparison.unattributed_lines = {501};
    const auto held = [&comparison] {
        const auto reasons = reasons_to_hold(comparison, full(1000, 1));
        if (reasons.empty()) return false;
        CHECK(reasons.size() == 1);
        CHECK(reasons[0].ja.contains("1行あります(501行目)"));
        CHECK(reasons[0].en.contains("no record of them"));
        return true;
    };
    CHECK(held());  // nothing is in force
    comparison.added = 999;
    CHECK(held());
    comparison.in_force = 999;
    comparison.added = 0;
    comparison.unchanged = 999;
    CHECK_FALSE(held());  // nobody's answer becomes another one
    comparison.added = 1;
    CHECK(held());
    comparison.unattributed = 0;
    CHECK_FALSE(held());
}

TEST_CASE("a full publication without a row that would end one is held") {
    Comparison comparison;
    comparison.in_force = 5;
    CHECK(reasons_to_hold(comparison, full(0, 0)).empty());
    comparison.ended = 5;
    CHECK(reasons_to_hold(comparison, full(0, 0)).size() == 1);
    CHECK(reasons_to_hold(comparison, full(1, 0)).empty());
}

TEST_CASE("many rows of other persons, invalid today, far away or not readable hold") {
    struct Case {
        std::uint64_t Comparison::* count;
        std::string_view says;
    };
    for (const Case& one : {Case{&Comparison::other_person, "another person's"},
                            Case{&Comparison::no_longer_valid, "no longer be valid today"},
                            Case{&Comparison::shifted, "more than two years"},
                            Case{&Comparison::not_comparable, "cannot be read"}}) {
        CAPTURE(one.says);
        for (const bool full_mode : {true, false}) {
            Comparison comparison;
            comparison.in_force = 1000;
            PublicationReport report = full(1000, 0);
            report.mode = full_mode ? Mode::full : Mode::delta;
            comparison.*one.count = 100;
            CHECK(reasons_to_hold(comparison, report).empty());
            comparison.*one.count = 101;
            const auto reasons = reasons_to_hold(comparison, report);
            REQUIRE(reasons.size() == 1);
            CHECK(reasons[0].en.contains(one.says));
            CHECK(reasons[0].ja.contains("1000件"));
            comparison.in_force = 19;
            comparison.*one.count = 19;
            CHECK(reasons_to_hold(comparison, report).empty());
        }
    }
}

TEST_CASE("ended rows and rows no longer valid today are counted together") {
    Comparison comparison;
    comparison.in_force = 1000;
    comparison.ended = 60;
    CHECK(reasons_to_hold(comparison, full(1000, 0)).empty());
    comparison.no_longer_valid = 60;
    CHECK(reasons_to_hold(comparison, full(1000, 0)).size() == 1);
}

TEST_CASE("an emptied column holds and is named") {
    Comparison comparison;
    comparison.in_force = 1000;
    comparison.emptied[kSegment] = 101;
    comparison.filled_before[kSegment] = 1000;
    comparison.filled_after[kSegment] = 899;
    const auto reasons = reasons_to_hold(comparison, full(1000, 0));
    REQUIRE(reasons.size() == 1);
    CHECK(reasons[0].en == "Column \"segment\" would become empty in 101 of 1000 rows in force.");
    CHECK(reasons[0].ja == "現在有効な1000件のうち101件で列「segment」が空になります。");
    comparison.emptied[kSegment] = 100;
    CHECK(reasons_to_hold(comparison, full(1000, 0)).empty());
}

TEST_CASE("a column used by few rows that says nothing any more holds") {
    Comparison comparison;
    comparison.in_force = 10'000;
    comparison.emptied[kSegment] = 30;
    comparison.filled_before[kSegment] = 30;
    CHECK(reasons_to_hold(comparison, full(10'000, 0)).size() == 1);
    comparison.emptied[kSegment] = 1;  // the others that had it have ended
    CHECK(reasons_to_hold(comparison, full(10'000, 0)).size() == 1);
    comparison.emptied[kSegment] = 30;
    comparison.filled_after[kSegment] = 1;
    CHECK(reasons_to_hold(comparison, full(10'000, 0)).empty());
    comparison.filled_after[kSegment] = 0;
    comparison.filled_before[kSegment] = 19;
    comparison.emptied[kSegment] = 19;
    CHECK(reasons_to_hold(comparison, full(10'000, 0)).empty());
}

TEST_CASE("more than one in a hundred refused rows hold a full publication, never a delta") {
    const Comparison comparison;
    CHECK(reasons_to_hold(comparison, full(1000, 10)).empty());
    CHECK(reasons_to_hold(comparison, full(1000, 11)).size() == 1);
    CHECK(reasons_to_hold(comparison, full(1, 1)).size() == 1);
    PublicationReport delta = full(10, 10);
    delta.mode = Mode::delta;
    CHECK(reasons_to_hold(comparison, delta).empty());
}
