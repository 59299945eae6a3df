#include "gateway/domain/payer_order.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

// Schemes of Hachioji by payer number; each is held. What stands on the claim, in order.
std::vector<std::string> claim(const std::vector<const char*>& numbers, RuleBook rules = {}) {
    std::vector<Entitlement> rows;
    for (const char* number : numbers)
        rows.push_back(entitlement(std::string("s") + number, number));
    const Case one = facts({answered(kHachioji, std::move(rows))});
    const Decision decision = decide(one, rules);
    std::vector<std::string> result;
    for (const SubsidyDecision& subsidy : decision.subsidies) {
        if (subsidy.claim_order == 0) continue;
        CHECK(subsidy.claim_order == static_cast<int>(result.size()) + 1);
        result.emplace_back(subsidy.payer_number->law_code());
    }
    return result;
}

using Codes = std::vector<std::string>;

TEST_CASE("national payers come in the national order, local ones after") {
    CHECK(claim({"88131248", "54136015", "21130001"}) == Codes{"21", "54", "88"});
    CHECK(claim({"12130001", "21130001"}) == Codes{"21", "12"});
    CHECK(claim({"80137151", "12130001", "10130001", "51136018"}) == Codes{"10", "51", "12", "80"});
}

TEST_CASE(
    "local payers come in the order that the prefecture sets, then by claim_order, then by "
    "number") {
    CHECK(claim({"89131247", "81136244", "88131248"}) == Codes{"81", "88", "89"});
    RuleBook ordered;
    ordered.local_order["13"] = {"88", "80"};
    CHECK(claim({"81136244", "80137151", "88131248"}, ordered) == Codes{"88", "80", "81"});
    RuleBook elsewhere;
    elsewhere.local_order["14"] = {"88"};
    CHECK(claim({"81136244", "88131248"}, elsewhere) == Codes{"81", "88"});

    Scheme first = scheme(kHachioji, "s89131247", "89131247");
    first.claim_order = 1;
    CHECK(claim({"81136244", "89131247"}, rule_book({first})) == Codes{"89", "81"});
    RuleBook both = rule_book({first});
    both.local_order["13"] = {"81"};
    CHECK(claim({"81136244", "89131247"}, both) == Codes{"81", "89"});
}

TEST_CASE("a claim holds four payers; the fifth is eligible and says so") {
    std::vector<Entitlement> rows;
    for (const char* number : {"88131248", "54136015", "21130001", "10130001", "51136018"})
        rows.push_back(entitlement(std::string("s") + number, number));
    const Case one = facts({answered(kHachioji, rows)});
    const Decision decision = decide(one, {});
    REQUIRE(decision.subsidies.size() == 5);
    const SubsidyDecision& fifth = decision.subsidies[4];
    CHECK(fifth.payer_number->law_code() == "88");
    CHECK(fifth.outcome == Outcome::eligible);
    CHECK(fifth.reason == Reason::ACTIVE);
    CHECK(fifth.claim_order == 0);
    CHECK(fifth.notes.back() == kFifthPayer);
}

TEST_CASE("what is paid back later is not on the claim and takes no place there") {
    Entitlement back = entitlement("a", "21130001");
    back.always_reimbursement = true;
    const Case one = facts({answered(kHachioji, {back, entitlement("b", "88131248")})});
    const Decision decision = decide(one, {});
    REQUIRE(decision.subsidies.size() == 2);
    CHECK(decision.subsidies[0].payer_number->law_code() == "88");
    CHECK(decision.subsidies[0].claim_order == 1);
    CHECK(decision.subsidies[1].claim_order == 0);
}

TEST_CASE("two payers that nothing else tells apart still have their own places") {
    Entitlement a = entitlement("x", "88131248");
    Entitlement b = a;
    b.recipient_number = "7654321";
    const Case one = facts({answered(kHachioji, {b, a})});
    const Decision decision = decide(one, {});
    REQUIRE(decision.subsidies.size() == 2);
    CHECK(decision.subsidies[0].entitlement->recipient_number == "1234566");
    CHECK(decision.subsidies[0].claim_order == 1);
    CHECK(decision.subsidies[1].claim_order == 2);
}

TEST_CASE("a scheme with one payer number lends it to a certificate without") {
    const RuleBook rules = rule_book({scheme(kHachioji, "maru-ko", "88131248")});
    const Case one = facts({answered(kHachioji, {entitlement("maru-ko")})});
    CHECK(decide(one, rules).subsidies.at(0).payer_number == payer("88131248"));
}

}  // namespace
}  // namespace shikaku::domain::test
