#include "gateway/domain/exclusion.h"

#include <catch2/catch.hpp>
#include <map>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

Scheme excluded(std::string id, const char* number, std::vector<std::string> by) {
    RuleVersion version = rule();
    version.excluded_by = std::move(by);
    return scheme(kHachioji, std::move(id), number, version);
}

// Reason of each scheme that the person holds, by scheme id.
std::map<std::string, Reason> reasons(const RuleBook& rules, std::vector<Finding> findings) {
    const Case one = facts(std::move(findings));
    std::map<std::string, Reason> result;
    for (const SubsidyDecision& subsidy : decide(one, rules).subsidies)
        result[subsidy.entitlement->scheme_id] = subsidy.reason;
    return result;
}

Finding hachioji(std::vector<Entitlement> rows) {
    return answered(kHachioji, std::move(rows));
}

TEST_CASE("a national law code excludes, whichever authority issued it") {
    const RuleBook rules = rule_book({excluded("maru-ko", "88131248", {"12"})});
    const auto result = reasons(rules, {hachioji({entitlement("maru-ko", "88131248")}),
                                        answered(kTokyo, {entitlement("seiho", "12130001")})});
    CHECK(result.at("maru-ko") == Reason::SUPERSEDED);
    CHECK(result.at("seiho") == Reason::ACTIVE);
}

TEST_CASE("a local law code excludes within its own prefecture only") {
    const RuleBook rules = rule_book({excluded("maru-ko", "88131248", {"80"})});
    const auto at = [&](std::string_view code, const char* number) {
        return reasons(rules, {hachioji({entitlement("maru-ko", "88131248")}),
                               answered(code, {entitlement("judo", number)})})
            .at("maru-ko");
    };
    CHECK(at(kTokyo, "80137151") == Reason::SUPERSEDED);
    CHECK(at("270008", "80270016") == Reason::ACTIVE);
}

TEST_CASE("scheme ids name the own authority's, with a slash another's") {
    const RuleBook rules =
        rule_book({excluded("a", "88131248", {"b"}), excluded("c", "89131247", {"130001/d"}),
                   scheme(kHachioji, "b", "81136244")});
    CHECK(reasons(rules, {hachioji({entitlement("a", "88131248"), entitlement("b", "81136244")})})
              .at("a") == Reason::SUPERSEDED);
    CHECK(reasons(rules, {hachioji({entitlement("a", "88131248")}),
                          answered(kTokyo, {entitlement("b", "81137242")})})
              .at("a") == Reason::ACTIVE);
    CHECK(reasons(rules, {hachioji({entitlement("c", "89131247")}),
                          answered(kTokyo, {entitlement("d", "80137151")})})
              .at("c") == Reason::SUPERSEDED);
}

TEST_CASE("a subsidy that is not in force excludes nothing") {
    const RuleBook rules = rule_book({excluded("maru-ko", "88131248", {"12"})});
    Entitlement ended = entitlement("seiho", "12130001");
    ended.valid_to = date("2026-10-31");
    CHECK(
        reasons(rules, {hachioji({entitlement("maru-ko", "88131248")}), answered(kTokyo, {ended})})
            .at("maru-ko") == Reason::ACTIVE);
}

TEST_CASE("an excluder that a failed source told of before leaves the other unknown") {
    const RuleBook rules = rule_book({excluded("maru-ko", "88131248", {"12", "81"})});
    Finding stale = answered(kTokyo, {entitlement("seiho", "12130001")});
    stale.freshness = Freshness::stale;
    const Case one = facts({hachioji({entitlement("maru-ko", "88131248")}), stale});
    const Decision decision = decide(one, rules);
    REQUIRE(decision.subsidies.size() == 2);
    CHECK(decision.subsidies[0].reason == Reason::ACTIVE);
    CHECK(decision.subsidies[1].outcome == Outcome::unknown);
    CHECK(decision.subsidies[1].reason == Reason::SOURCE_UNAVAILABLE);
    CHECK(decision.subsidies[1].notes == std::vector<std::string_view>{kLastKnownNo});
    // Another excluder from a source that answered makes it certain.
    const auto sure = reasons(
        rules,
        {hachioji({entitlement("maru-ko", "88131248"), entitlement("oya", "81136244")}), stale});
    CHECK(sure.at("maru-ko") == Reason::SUPERSEDED);
}

TEST_CASE("one that is itself superseded excludes nothing") {
    const RuleBook rules =
        rule_book({excluded("a", "88131248", {"b"}), excluded("b", "89131247", {"c"}),
                   scheme(kHachioji, "c", "81136244")});
    const auto result =
        reasons(rules, {hachioji({entitlement("a", "88131248"), entitlement("b", "89131247"),
                                  entitlement("c", "81136244")})});
    CHECK(result.at("a") == Reason::ACTIVE);
    CHECK(result.at("b") == Reason::SUPERSEDED);
    CHECK(result.at("c") == Reason::ACTIVE);
}

TEST_CASE("an excluder that is itself superseded makes nothing certain") {
    const RuleBook rules =
        rule_book({excluded("maru-ko", "88131248", {"12", "oya"}),
                   excluded("oya", "81136244", {"boshi"}), scheme(kHachioji, "boshi", "89131247")});
    Finding stale = answered(kTokyo, {entitlement("seiho", "12130001")});
    stale.freshness = Freshness::stale;
    const auto result = reasons(
        rules, {hachioji({entitlement("maru-ko", "88131248"), entitlement("oya", "81136244"),
                          entitlement("boshi", "89131247")}),
                stale});
    CHECK(result.at("oya") == Reason::SUPERSEDED);
    CHECK(result.at("maru-ko") == Reason::SOURCE_UNAVAILABLE);
}

TEST_CASE("two that exclude each other leave the one that pays first") {
    const RuleBook rules =
        rule_book({excluded("a", "88131248", {"b"}), excluded("b", "81136244", {"a"})});
    const auto result =
        reasons(rules, {hachioji({entitlement("a", "88131248"), entitlement("b", "81136244")})});
    CHECK(result.at("b") == Reason::ACTIVE);
    CHECK(result.at("a") == Reason::SUPERSEDED);
}

TEST_CASE("a circle of three leaves somebody standing") {
    const RuleBook rules =
        rule_book({excluded("a", "88131248", {"b"}), excluded("b", "81136244", {"c"}),
                   excluded("c", "89131247", {"a"})});
    const auto result =
        reasons(rules, {hachioji({entitlement("a", "88131248"), entitlement("b", "81136244"),
                                  entitlement("c", "89131247")})});
    CHECK(result.at("b") == Reason::ACTIVE);      // 81 pays first
    CHECK(result.at("a") == Reason::SUPERSEDED);  // by b
    CHECK(result.at("c") == Reason::ACTIVE);      // a does not stand
}

}  // namespace
}  // namespace shikaku::domain::test
