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
    for (const domain::EntitlementField& field : domain::kEntitlementFields)
        CHECK(builder.set(field.name, ""));
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
    for (const domain::EntitlementField& field : domain::kEntitlementFields) {
        INFO(field.name);
        EntitlementBuilder builder;
        const auto set = builder.set(field.name, "1234 5678 9018");
        REQUIRE_FALSE(set);
        CHECK(set.error().code == ErrorCode::source_malformed);
        CHECK(set.error().pointer == field.name);
        CHECK_THAT(set.error().detail, !Catch::Matchers::Contains("9018"));
    }
}

TEST_CASE("bytes that are not UTF-8 are refused") {
    EntitlementBuilder builder;
    const auto set = builder.set("certificate_name", "\x83\x7D");
    REQUIRE_FALSE(set);
    CHECK(set.error().code == ErrorCode::source_malformed);
}

TEST_CASE("a text that a field cannot have is refused, saying why") {
    struct Case {
        const char* field;
        std::string text;
        const char* why;
    };
    std::string many_conditions;
    for (std::size_t i = 0; i <= bounds::kConditionsMax; ++i)
        many_conditions += "01-02;";
    std::string many_institutions;
    for (std::size_t i = 0; i <= bounds::kDesignatedInstitutionsMax; ++i)
        many_institutions += "1318814790;";
    const auto bad = GENERATE_COPY(values<Case>({
        {"history_key", std::string(101, 'x'), "too long"},
        {"certificate_type_id", std::string(51, 'x'), "too long"},
        {"scheme_id", std::string(51, 'x'), "too long"},
        {"recipient_number", std::string(31, 'x'), "too long"},
        {"certificate_name", std::string(101, 'x'), "too long"},
        {"segment", "a\tb", "a control character"},
        {"income_segment", "\x83\x7D", "not UTF-8"},
        {"payer_number", "8813124", "not a payer number of 8 digits"},
        {"additional_conditions", "a b", "not a condition code"},
        {"additional_conditions", std::string(51, 'x'), "not a condition code"},
        {"additional_conditions", many_conditions, "too many conditions"},
        {"designated_institutions", "123", "not an institution code"},
        {"designated_institutions", many_institutions, "too many institutions"},
        {"always_reimbursement", "2", "neither 0 nor 1"},
        {"not_disclosed", "true", "neither 0 nor 1"},
        {"deleted", "x", "neither 0 nor 1"},
        {"cap_monthly_yen", "-1", "not an amount in yen"},
        {"cap_monthly_yen", "10000000", "not an amount in yen"},
        {"valid_from", "2026-02-29", "not a date"},
        {"valid_to", "x", "not a date"},
        {"birth_date", "H0.1.1", "not a date"},
    }));
    INFO(bad.field);
    const auto set = EntitlementBuilder().set(bad.field, bad.text);
    REQUIRE_FALSE(set);
    CHECK(set.error().code == ErrorCode::source_malformed);
    CHECK(set.error().pointer == bad.field);
    CHECK(set.error().detail == bad.why);
}

TEST_CASE("lists have a bound") {
    std::string list;
    for (std::size_t i = 0; i < bounds::kDesignatedInstitutionsMax; ++i)
        list += "1318814790;";
    CHECK(EntitlementBuilder().set("designated_institutions", list));
    CHECK_FALSE(EntitlementBuilder().set("designated_institutions", list + "1318814790"));
}

TEST_CASE("an unknown field is a mistake of the adapter, not of the source") {
    for (const char* const field : {"history-key", "link_key", ""}) {
        const auto set = EntitlementBuilder().set(field, "1");
        REQUIRE_FALSE(set);
        CHECK(set.error().code == ErrorCode::internal);
    }
}
