#include "gateway/domain/query.h"

#include <catch2/catch.hpp>

namespace shikaku::domain {
namespace {

TEST_CASE("every priority is read from its own name") {
    for (const auto priority :
         {Priority::emergency, Priority::walk_in, Priority::scheduled, Priority::bulk}) {
        CHECK(parse_priority(name(priority)) == priority);
    }
    CHECK(name(Priority::walk_in) == "walk_in");
    for (const auto* bad : {"", "Bulk", "walk-in", "walk_in "})
        CHECK_FALSE(parse_priority(bad));
}

TEST_CASE("states and freshness have the names of the contract") {
    CHECK(name(SourceStatus::answered) == "answered");
    CHECK(name(SourceStatus::no_record) == "no_record");
    CHECK(name(SourceStatus::not_connected) == "not_connected");
    CHECK(name(SourceStatus::unavailable) == "unavailable");
    CHECK(name(SourceStatus::timeout) == "timeout");
    CHECK(name(SourceStatus::refused) == "refused");
    CHECK(name(Freshness::published) == "published");
    CHECK(name(Freshness::live) == "live");
    CHECK(name(Freshness::cached) == "cached");
    CHECK(name(Freshness::stale) == "stale");
}

}  // namespace
}  // namespace shikaku::domain
