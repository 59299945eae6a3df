#include "gateway/domain/explain.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

// The rules looked at, in order; a leading "-" marks one that did not pass.
std::vector<std::string> steps(const Decision& decision) {
    std::vector<std::string> result;
    for (const Step& step : decision.steps) {
        CHECK_FALSE(step.text.ja.empty());
        CHECK_FALSE(step.text.en.empty());
        result.push_back((step.passed ? "" : "-") + step.rule +
                         (step.subject.empty() ? "" : " " + step.subject));
    }
    return result;
}

using Steps = std::vector<std::string>;

RuleBook rules() {
    RuleVersion version = rule();
    version.age =
        AgeRange{.from = {}, .from_fiscal_year_after = 6, .to = {}, .to_fiscal_year_end_after = 15};
    version.excluded_by = {"12"};
    return rule_book({scheme(kHachioji, "maru-ko", "88131248", version)});
}

Case asked(std::vector<Finding> findings) {
    Case one = facts(std::move(findings));
    one.query.explain = true;
    return one;
}

TEST_CASE("an eligible subsidy: every rule looked at, in the order of the decision") {
    const RuleBook book = rules();
    const Case one = asked({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
    const Decision decision = decide(one, book);
    const std::string subject = " 132012/maru-ko";
    CHECK(steps(decision) == Steps{"consent", "source 132012", "scheme" + subject,
                                   "validity" + subject, "setting" + subject, "age" + subject,
                                   "exclusion" + subject, "settlement" + subject, "order" + subject,
                                   "overall"});
    CHECK(decision.steps[4].text.ja == "通院: 1回につき200円");
    CHECK(decision.steps[8].text.ja == "法別88、地方単独: 第1公費");
}

TEST_CASE("a refusal ends with the rule that refused") {
    const RuleBook book = rules();
    Case one = asked({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
    one.query.birth_date = date("2000-01-01");
    const Decision decision = decide(one, book);
    const Steps got = steps(decision);
    REQUIRE(got.size() == 7);
    CHECK(got[5] == "-age 132012/maru-ko");
    CHECK(got[6] == "-overall");
    CHECK(
        decision.steps[5].text.en ==
        "from the first 1 April after reaching age 6, to the first 31 March after reaching age 15, "
        "outside it");
}

TEST_CASE("a superseded one names what takes its place") {
    const RuleBook book = rules();
    const Case one = asked({answered(
        kHachioji, {entitlement("maru-ko", "88131248"), entitlement("seiho", "12130001")})});
    const Decision decision = decide(one, book);
    const auto step = std::ranges::find(decision.steps, "exclusion", &Step::rule);
    REQUIRE(step != decision.steps.end());
    CHECK_FALSE(step->passed);
    CHECK(step->text.en == "gives way to 132012/seiho");
}

TEST_CASE("an old refusal of a failed source is explained as unknown") {
    const RuleBook book = rules();
    Entitlement ended = entitlement("maru-ko", "88131248");
    ended.valid_to = date("2026-10-31");
    Finding stale = answered(kHachioji, {ended});
    stale.freshness = Freshness::stale;
    const Case one = asked({stale});
    CHECK(steps(decide(one, book)) == Steps{"consent", "-source 132012", "scheme 132012/maru-ko",
                                            "-validity 132012/maru-ko", "-source 132012/maru-ko",
                                            "-overall"});
}

TEST_CASE("without consent the explanation is that") {
    Case one = asked({});
    one.query.consent = false;
    CHECK(steps(decide(one, {})) == Steps{"-consent", "-overall"});
}

TEST_CASE("the same facts in another order give the same steps") {
    const RuleBook book = rules();
    const Entitlement first = entitlement("maru-ko", "88131248");
    const Entitlement second = entitlement("other", "89131247");
    const Case a = asked({answered(kHachioji, {first, second}), failed(kTokyo)});
    const Case b = asked({failed(kTokyo), answered(kHachioji, {second, first})});
    const Decision x = decide(a, book);
    const Decision y = decide(b, book);
    CHECK(steps(x) == steps(y));
    REQUIRE(x.steps.size() == y.steps.size());
    for (std::size_t i = 0; i < x.steps.size(); ++i)
        CHECK(x.steps[i].text == y.steps[i].text);
}

}  // namespace
}  // namespace shikaku::domain::test
