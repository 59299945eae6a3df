// Design invariant 1: never "no" when the truth is "don't know".
#include <catch2/catch.hpp>

#include "gateway/domain/texts.h"
#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

const RuleBook& rules() {
    static const RuleBook the_rules = rule_book({scheme(kHachioji, "maru-ko", "88131248")});
    return the_rules;
}

Entitlement expired() {
    Entitlement row = entitlement("maru-ko", "88131248");
    row.valid_to = date("2026-10-31");
    return row;
}

TEST_CASE("a source that fails gives unknown, whatever the others say") {
    const SourceStatus status =
        GENERATE(SourceStatus::unavailable, SourceStatus::timeout, SourceStatus::refused);
    SECTION("alone") {
        const Case one = facts({failed(kHachioji, status)});
        const Decision decision = decide(one, rules());
        CHECK(decision.outcome == Outcome::unknown);
        CHECK(decision.reason == Reason::SOURCE_UNAVAILABLE);
    }
    SECTION("beside one that knows nothing") {
        const Case two = facts({answered(kHachioji), failed(kTokyo, status)});
        CHECK(decide(two, rules()).outcome == Outcome::unknown);
    }
    SECTION("beside one whose subsidy has expired") {
        const Case two = facts({answered(kHachioji, {expired()}), failed(kTokyo, status)});
        const Decision decision = decide(two, rules());
        CHECK(decision.outcome == Outcome::unknown);
        CHECK(decision.reason == Reason::SOURCE_UNAVAILABLE);
        REQUIRE(decision.subsidies.size() == 1);
        CHECK(decision.subsidies[0].reason == Reason::EXPIRED);
    }
}

TEST_CASE("what a failed source said before can be a yes, but never a no") {
    Finding stale = answered(kHachioji, {expired()});
    stale.freshness = Freshness::stale;
    SECTION("an expired row gives unknown, as a renewal may have come since") {
        const Case one = facts({stale});
        const Decision decision = decide(one, rules());
        CHECK(decision.outcome == Outcome::unknown);
        CHECK(decision.reason == Reason::SOURCE_UNAVAILABLE);
        REQUIRE(decision.subsidies.size() == 1);
        CHECK(decision.subsidies[0].outcome == Outcome::unknown);
        CHECK(decision.subsidies[0].reason == Reason::SOURCE_UNAVAILABLE);
        CHECK(decision.subsidies[0].notes == std::vector<std::string_view>{kLastKnownNo});
    }
    SECTION("the same when the finding says that the source was unavailable") {
        stale.status = SourceStatus::unavailable;
        stale.freshness = Freshness::cached;
        const Case one = facts({stale});
        CHECK(decide(one, rules()).outcome == Outcome::unknown);
    }
    SECTION("an active row gives eligible") {
        stale.entitlements = {entitlement("maru-ko", "88131248")};
        const Case one = facts({stale});
        const Decision decision = decide(one, rules());
        CHECK(decision.outcome == Outcome::eligible);
        CHECK(decision.subsidies.at(0).freshness == Freshness::stale);
    }
    SECTION("no record in an old copy gives unknown") {
        stale.entitlements.clear();
        stale.status = SourceStatus::no_record;
        const Case one = facts({stale});
        CHECK(decide(one, rules()).reason == Reason::SOURCE_UNAVAILABLE);
    }
}

TEST_CASE("not connected, too old, ambiguous and without consent are all unknown") {
    SECTION("nobody to ask") {
        const Case none = facts({});
        CHECK(decide(none, rules()).reason == Reason::NOT_CONNECTED);
        CHECK(decide(none, rules()).outcome == Outcome::unknown);
    }
    SECTION("nobody knows where the person lives, and those who were asked know nothing") {
        Case elsewhere = facts({answered(kHachioji), answered(kTokyo)});
        elsewhere.query.residence.reset();
        CHECK(decide(elsewhere, rules()).outcome == Outcome::unknown);
        CHECK(decide(elsewhere, rules()).reason == Reason::NOT_CONNECTED);
    }
    SECTION("an authority that takes no part") {
        const Case one = facts({failed(kHachioji, SourceStatus::not_connected)});
        CHECK(decide(one, rules()).reason == Reason::NOT_CONNECTED);
    }
    SECTION("facts older than the policy allows can be a yes, never a no") {
        Finding old = answered(kHachioji);
        old.beyond_policy = true;
        const Case nothing = facts({old});
        CHECK(decide(nothing, rules()).reason == Reason::STALE_BEYOND_POLICY);
        old = answered(kHachioji, {expired()});
        old.beyond_policy = true;
        const Case over = facts({old});
        const Decision decision = decide(over, rules());
        CHECK(decision.outcome == Outcome::unknown);
        CHECK(decision.reason == Reason::STALE_BEYOND_POLICY);
        REQUIRE(decision.subsidies.size() == 1);
        CHECK(decision.subsidies[0].reason == Reason::STALE_BEYOND_POLICY);
        CHECK(decision.subsidies[0].notes == std::vector<std::string_view>{kLastKnownNo});
        old = answered(kHachioji, {entitlement("maru-ko", "88131248")});
        old.beyond_policy = true;
        const Case active = facts({old});
        CHECK(decide(active, rules()).reason == Reason::ACTIVE);
    }
    SECTION("several people: nothing of any of them is shown") {
        Finding several = answered(kHachioji, {entitlement("maru-ko", "88131248")});
        several.ambiguous = true;
        const Case one = facts({several});
        const Decision decision = decide(one, rules());
        CHECK(decision.reason == Reason::AMBIGUOUS_SUBJECT);
        CHECK(decision.subsidies.empty());
    }
    SECTION("no consent: nothing is looked at") {
        Case one = facts({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
        one.query.consent = false;
        const Decision decision = decide(one, rules());
        CHECK(decision.outcome == Outcome::unknown);
        CHECK(decision.reason == Reason::CONSENT_REFUSED);
        CHECK(decision.subsidies.empty());
    }
}

TEST_CASE("another linkage secret is unknown, in words of its own") {
    Finding other = failed(kHachioji, SourceStatus::unavailable);
    other.other_linkage = true;
    const Case one = facts({other});
    const Decision decision = decide(one, rules());
    CHECK(decision.reason == Reason::SOURCE_UNAVAILABLE);
    REQUIRE(decision.warnings.size() == 1);
    CHECK(decision.warnings[0].code == kLinkageDiffers);
}

TEST_CASE("not_eligible needs an answer from everybody who was asked") {
    const Case all = facts({answered(kHachioji), answered(kTokyo)});
    CHECK(decide(all, rules()).outcome == Outcome::not_eligible);
    CHECK(decide(all, rules()).reason == Reason::NO_RECORD);
    const Case held = facts({answered(kHachioji, {expired()}), answered(kTokyo)});
    CHECK(decide(held, rules()).reason == Reason::EXPIRED);
}

TEST_CASE("a certificate whose rules are not known is a yes with an unknown amount") {
    const Case other = facts({answered(kTokyo, {entitlement("unheard-of")})});
    const Decision decision = decide(other, rules());
    REQUIRE(decision.subsidies.size() == 1);
    CHECK(decision.reason == Reason::ACTIVE);
    CHECK(decision.subsidies[0].copay == nullptr);
    CHECK(decision.subsidies[0].notes ==
          std::vector<std::string_view>{kPayerNumberMissing, kRulesUnknown});
}

TEST_CASE("no text advises to end or delete anything, and unknown ones say not to") {
    for (const ReasonInfo& reason : kReasons) {
        if (reason.outcome != Outcome::unknown && reason.reason != Reason::NO_RECORD) continue;
        INFO(reason.name);
        CHECK(advice(reason.name).desk.ja.find("終了・削除しないで") != std::string::npos);
        CHECK(advice(reason.name).desk.en.find("o not end or delete") != std::string::npos);
    }
    for (const std::string& name : all_advice_names()) {
        INFO(name);
        std::string ja = advice(name).desk.ja;
        std::string en = advice(name).desk.en;
        for (std::string* text : {&ja, &en}) {
            const std::string_view promise =
                text == &ja ? "終了・削除しないで" : "o not end or delete";
            if (const auto at = text->find(promise); at != std::string::npos)
                text->erase(at, promise.size());
        }
        CHECK(ja.find("削除") == std::string::npos);
        CHECK(en.find("delete") == std::string::npos);
    }
}

}  // namespace
}  // namespace shikaku::domain::test
