#include "adapters/common/entitlement_builder.h"

#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"

namespace {

using namespace shikaku;
using namespace shikaku::adapters;

constexpr Instant kAsOf{std::chrono::milliseconds(1'795'132'740'000)};

EntitlementBuilder with_needed_fields() {
    EntitlementBuilder builder;
    REQUIRE(builder.set("history_key", "1"));
    REQUIRE(builder.set("scheme_id", "maru-ko"));
    REQUIRE(builder.set("valid_from", "2026-04-01"));
    REQUIRE(builder.set("valid_to", "2027-03-31"));
    return builder;
}

}  // namespace

TEST_CASE("a row changed and was revoked when its source says so") {
    EntitlementBuilder builder = with_needed_fields();
    REQUIRE(builder.set("deleted", "1"));
    const auto row = builder.finish(kAsOf);
    REQUIRE(row);
    CHECK(row->changed_at == kAsOf);
    CHECK(row->revoked_at == kAsOf);
    CHECK(with_needed_fields().finish(kAsOf)->revoked_at == std::nullopt);
}

TEST_CASE("an empty text is as good as none") {
    EntitlementBuilder builder = with_needed_fields();
    for (const std::string_view field : EntitlementBuilder::fields())
        CHECK(builder.set(field, ""));
    const auto row = builder.finish(kAsOf);
    REQUIRE(row);
    CHECK(row->history_key == "1");
    CHECK_FALSE(row->cap_monthly_yen);
}

TEST_CASE("a single day is a period") {
    EntitlementBuilder builder = with_needed_fields();
    REQUIRE(builder.set("valid_to", "2026-04-01"));
    CHECK(builder.finish(kAsOf));
}

TEST_CASE("no field takes a personal number, and the error does not repeat it") {
    for (const std::string_view field : EntitlementBuilder::fields()) {
        INFO(field);
        EntitlementBuilder builder;
        const auto set = builder.set(field, "1234 5678 9018");
        REQUIRE_FALSE(set);
        CHECK(set.error().code == ErrorCode::source_malformed);
        CHECK(set.error().pointer == field);
        CHECK_THAT(set.error().detail, !Catch::Matchers::Contains("9018"));
    }
}

TEST_CASE("bytes that are not UTF-8 are refused") {
    EntitlementBuilder builder;
    const auto set = builder.set("certificate_name", "\x83\x7D");
    REQUIRE_FALSE(set);
    CHECK(set.error().code == ErrorCode::source_malformed);
}

TEST_CASE("lists have a bound") {
    std::string list;
    for (std::size_t i = 0; i < bounds::kDesignatedInstitutionsMax; ++i)
        list += "1318814790;";
    CHECK(EntitlementBuilder().set("designated_institutions", list));
    CHECK_FALSE(EntitlementBuilder().set("designated_institutions", list + "1318814790"));
}

TEST_CASE("an unknown field is a mistake of the adapter, not of the source") {
    const auto set = EntitlementBuilder().set("history-key", "1");
    REQUIRE_FALSE(set);
    CHECK(set.error().code == ErrorCode::internal);
}
