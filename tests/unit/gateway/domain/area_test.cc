#include "gateway/domain/area.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

constexpr const char* kTokyoDentist = "1332034569";
constexpr const char* kSaitama = "1110111112";

Whereabouts place(const Area& area, std::string_view code) {
    return check_area(area, authority(kHachioji), institution(code));
}

TEST_CASE("each scope knows inside from outside") {
    Area area;
    SECTION("prefecture: the authority's own") {
        area.scope = Area::Scope::prefecture;
        CHECK(place(area, kClinic) == Whereabouts::inside);
        CHECK(place(area, kSaitama) == Whereabouts::outside);
    }
    SECTION("list") {
        area.scope = Area::Scope::list;
        area.prefectures = {"11", "13"};
        CHECK(place(area, kClinic) == Whereabouts::inside);
        CHECK(place(area, kSaitama) == Whereabouts::inside);
        CHECK(place(area, kOtherClinic) == Whereabouts::outside);
    }
    SECTION("municipality: by the districts of the institution code, whatever its kind") {
        area.scope = Area::Scope::municipality;
        area.districts = {"1320"};
        CHECK(place(area, kClinic) == Whereabouts::inside);
        CHECK(place(area, kTokyoDentist) == Whereabouts::inside);
        area.districts = {"1321", "1120"};
        CHECK(place(area, kClinic) == Whereabouts::outside);
    }
    SECTION("nationwide") {
        area.scope = Area::Scope::nationwide;
        CHECK(place(area, kOtherClinic) == Whereabouts::inside);
    }
    SECTION("unknown") {
        area.scope = Area::Scope::unknown;
        CHECK(place(area, kOtherClinic) == Whereabouts::unknown);
    }
}

TEST_CASE("contracted institutions are inside wherever they are") {
    Area area;
    area.scope = Area::Scope::prefecture;
    area.institutions = {institution(kSaitama)};
    area.kinds = {InstitutionCode::Kind::dental};
    CHECK(place(area, kSaitama) == Whereabouts::inside);
    CHECK(place(area, kOtherClinic) == Whereabouts::outside);
}

TEST_CASE("kinds of institutions narrow the area") {
    Area area;
    area.scope = Area::Scope::prefecture;
    area.kinds = {InstitutionCode::Kind::dental};
    CHECK(place(area, kTokyoDentist) == Whereabouts::inside);
    CHECK(place(area, kClinic) == Whereabouts::outside);
    area.scope = Area::Scope::unknown;
    CHECK(place(area, kClinic) == Whereabouts::outside);
}

TEST_CASE("the certificate's word comes before the rule's, the place before the insurer") {
    RuleVersion version = rule();
    version.insurer =
        InsurerCondition{.national_health_society_prefixes = {"13"}, .societies = {"273", "133"}};
    Query asked = query();
    asked.insurance.emplace().insurer = InsurerNumber::parse("273011");
    Entitlement row = entitlement("maru-ko");
    using Cause = Settling::Cause;
    const auto cause = [&] { return settle(&version, authority(kHachioji), row, asked).cause; };
    CHECK(cause() == Cause::insurer);
    asked.institution = institution(kOtherClinic);
    CHECK(cause() == Cause::outside_area);
    version.always_reimbursement = true;
    CHECK(cause() == Cause::rule_always);
    row.always_reimbursement = true;
    CHECK(cause() == Cause::certificate_always);
    CHECK(settle(nullptr, authority(kHachioji), row, asked).settlement ==
          Settlement::reimbursement);
    row.always_reimbursement = false;
    CHECK(settle(nullptr, authority(kHachioji), row, asked).settlement == Settlement::in_kind);
}

TEST_CASE("a 6-digit insurer is a society only where the pack knows it") {
    RuleVersion version = rule();
    version.insurer = InsurerCondition{.national_health_society_prefixes = {"13"}, .societies = {}};
    Query asked = query();
    const auto settling = [&](const char* insurer) {
        asked.insurance.emplace().insurer = InsurerNumber::parse(insurer);
        REQUIRE(asked.insurance->insurer);
        return settle(&version, authority(kHachioji), entitlement("maru-ko"), asked);
    };
    CHECK(settling("273011").settlement == Settlement::in_kind);
    CHECK(settling("273011").insurer_unknown);
    CHECK_FALSE(settling("138057").insurer_unknown);
    CHECK_FALSE(settling("01130012").insurer_unknown);
    version.insurer->societies = {"273", "138"};
    CHECK(settling("273011").cause == Settling::Cause::insurer);
    CHECK(settling("138057").settlement == Settlement::in_kind);
}

}  // namespace
}  // namespace shikaku::domain::test
