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

// They stand in every logged answer.
TEST_CASE("states and freshness have the names of the contract, and are read from them") {
    for (const auto* text :
         {"answered", "no_record", "not_connected", "unavailable", "timeout", "refused"})
        CHECK(name(parse_source_status(text).value()) == text);
    for (const auto* text : {"published", "live", "cached", "stale"})
        CHECK(name(parse_freshness(text).value()) == text);
    for (const auto* text : {"valid", "invalid", "unknown"})
        CHECK(name(parse_insurance_status(text).value()) == text);
    CHECK_FALSE(parse_source_status("live"));
    CHECK_FALSE(parse_freshness(""));
    CHECK_FALSE(parse_insurance_status("Valid"));
    CHECK(name(Insurance::Status::valid) == "valid");
    CHECK(name(Insurance::Status::invalid) == "invalid");
    CHECK(name(Insurance::Status::unknown) == "unknown");
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
