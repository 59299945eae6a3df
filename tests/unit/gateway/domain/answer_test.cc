#include "gateway/domain/answer.h"

#include <catch2/catch.hpp>

#include "gateway/domain/texts.h"
#include "gateway/support/json.h"
#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

const Instant kNow = instant("2026-11-20") + std::chrono::seconds(3);

const RuleBook& rules() {
    static const RuleBook the_rules = [] {
        RuleVersion version = rule();
        version.notes = {{"学校の注意", "school note"}};
        return rule_book({scheme(kHachioji, "maru-ko", "88131248", version)});
    }();
    return the_rules;
}

RenderedAnswer render(const Case& one, std::string_view id = "01ANSWER", Instant now = kNow) {
    return render_answer(one, decide(one, rules()), id, now);
}

// As the caller completes it.
Json complete(const RenderedAnswer& answer) {
    return parse_json(answer.head + R"(,"content_hash":"sha256:00","evidence":{}})").value();
}

Case one_child() {
    return facts({answered(kHachioji, {entitlement("maru-ko", "88131248")})});
}

std::vector<std::string> keys(const Json& object) {
    std::vector<std::string> result;
    for (const auto& [key, value] : object.items())
        result.push_back(key);
    return result;
}

TEST_CASE("the answer has the contract's members in the contract's order") {
    const Json json = complete(render(one_child()));
    CHECK(keys(json) == std::vector<std::string>{"answer_id", "service_date", "setting", "outcome",
                                                 "reason", "recommended_action", "advice",
                                                 "subsidies", "authorities", "last_changed",
                                                 "content_hash", "evidence"});
    CHECK(json.at("answer_id") == "01ANSWER");
    CHECK(json.at("service_date") == "2026-11-20");
    CHECK(json.at("outcome") == "eligible");
    CHECK(json.at("last_changed") == "2026-03-20T09:00:00+09:00");
    CHECK(json.at("authorities").dump() ==
          R"([{"code":"132012","status":"answered","kind":"published","ms":1}])");

    const Json& subsidy = json.at("subsidies").at(0);
    CHECK(keys(subsidy) == std::vector<std::string>{"authority", "scheme", "outcome", "reason",
                                                    "claim", "valid", "copay", "recommended_action",
                                                    "advice", "notes", "freshness",
                                                    "rule_version"});
    CHECK(subsidy.at("authority").dump() == R"({"code":"132012","name":"八王子市"})");
    CHECK(
        subsidy.at("claim").dump() ==
        R"({"order":1,"payer_number":"88131248","recipient_number":"1234566","settlement":"in_kind"})");
    CHECK(subsidy.at("valid").dump() == R"({"from":"2026-04-01","to":"2027-03-31"})");
    CHECK(
        subsidy.at("copay").dump() ==
        R"({"kind":"per_visit","amount":200,"text":{"ja":"1回につき200円","en":"200 yen per visit"}})");
    CHECK(subsidy.at("recommended_action") == "use_subsidy");
    CHECK(subsidy.at("advice").at("desk").at("ja") == advice("ACTIVE").desk.ja);
    CHECK(subsidy.at("notes").dump() == R"([{"text":{"ja":"学校の注意","en":"school note"}}])");
    CHECK(subsidy.at("freshness").dump() ==
          R"({"class":"published","as_of":"2026-11-20T09:00:00+09:00","age_s":3})");
    CHECK(subsidy.at("rule_version") == "2024-04-01");
}

TEST_CASE("the hashed bytes are the answer without what changes with every question") {
    Case one = one_child();
    one.query.insurance = Insurance{.status = Insurance::Status::valid,
                                    .insurer = InsurerNumber::parse("01130012"),
                                    .symbol = "s",
                                    .number = "n",
                                    .branch = "01",
                                    .copay_ratio_percent = 30,
                                    .from_source = true,
                                    .as_of = kNow};
    const RenderedAnswer answer = render(one);
    Json expected = parse_json(answer.head + "}").value();
    expected.erase("answer_id");
    for (Json& subsidy : expected["subsidies"])
        subsidy.erase("freshness");
    for (Json& authority : expected["authorities"])
        authority.erase("ms");
    expected["insurance"].erase("freshness");
    CHECK(answer.hashed == expected.dump());
}

TEST_CASE(
    "the same facts give the same hashed bytes, whenever, however fresh and in whatever order") {
    Case one = one_child();
    one.findings.push_back(failed(kTokyo));
    const std::string first = render(one).hashed;
    CHECK(render(one, "01OTHER", kNow + std::chrono::hours(5)).hashed == first);
    std::swap(one.findings[0], one.findings[1]);
    one.findings[0].elapsed_ms = 2;
    one.findings[1].elapsed_ms = 777;
    one.findings[1].freshness = Freshness::cached;
    one.findings[1].as_of -= std::chrono::hours(1);
    CHECK(render(one).hashed == first);
    one.findings[1].entitlements[0].recipient_number = "7654321";
    CHECK(render(one).hashed != first);
}

TEST_CASE(
    "a subsidy that cannot be used shows its dates and reason, but no numbers and no co-payment") {
    Case one = one_child();
    one.findings[0].entitlements[0].revoked_at = instant("2026-10-01");
    const Json subsidy = complete(render(one)).at("subsidies").at(0);
    CHECK(subsidy.at("reason") == "REVOKED");
    CHECK(subsidy.at("revoked_at") == "2026-10-01T09:00:00+09:00");
    CHECK(subsidy.at("recommended_action") == "ask_patient_about_renewal");
    CHECK_FALSE(subsidy.contains("claim"));
    CHECK_FALSE(subsidy.contains("copay"));
    CHECK_FALSE(subsidy.contains("notes"));
}

TEST_CASE("what is not known is said as unknown, never made up") {
    const Case one = facts({answered(kTokyo, {entitlement("unheard-of")})});
    const Json subsidy = complete(render(one)).at("subsidies").at(0);
    CHECK(subsidy.at("copay").at("kind") == "unknown");
    CHECK(subsidy.at("scheme").dump() ==
          R"({"id":"unheard-of","name":{"ja":"医療証","en":"医療証"}})");
    CHECK_FALSE(subsidy.at("claim").contains("payer_number"));
    CHECK_FALSE(subsidy.contains("rule_version"));
    REQUIRE(subsidy.at("notes").size() == 2);
    CHECK(subsidy.at("notes").at(1).at("code") == "rules_unknown");
    CHECK(subsidy.at("notes").at(1).at("text").at("ja") == advice("rules_unknown").desk.ja);
}

TEST_CASE("the certificate's own cap is in the words too") {
    Case one = one_child();
    one.findings[0].entitlements[0].cap_monthly_yen = 5000;
    const Json copay = complete(render(one)).at("subsidies").at(0).at("copay");
    CHECK(copay.at("monthly_cap") == 5000);
    CHECK(copay.at("text").at("ja") == "1回につき200円、受給者証の月額上限5,000円");
}

TEST_CASE("without consent nothing is said but that") {
    Case one = one_child();
    one.query.consent = false;
    const Json json = complete(render(one));
    CHECK(json.at("reason") == "CONSENT_REFUSED");
    CHECK(json.at("subsidies").empty());
    CHECK(json.at("authorities").empty());
}

TEST_CASE("insurance: a source's word carries its age, a token's claim does not") {
    Case one = one_child();
    one.query.insurance.emplace().insurer = InsurerNumber::parse("01130012");
    CHECK(complete(render(one)).at("insurance").dump() ==
          R"({"status":"unknown","insurer_number":"01130012"})");
    one.query.insurance->status = Insurance::Status::valid;
    one.query.insurance->copay_ratio_percent = 30;
    one.query.insurance->from_source = true;
    one.query.insurance->as_of = instant("2026-11-20");
    CHECK(complete(render(one)).at("insurance").dump() ==
          R"({"status":"valid","insurer_number":"01130012","copay_ratio_percent":30,"freshness":)"
          R"({"class":"live","as_of":"2026-11-20T09:00:00+09:00","age_s":3}})");
}

TEST_CASE("warnings carry their texts") {
    Case one = one_child();
    one.query.insurance.emplace().status = Insurance::Status::invalid;
    const Json warnings = complete(render(one)).at("warnings");
    REQUIRE(warnings.size() == 1);
    CHECK(warnings.at(0).at("code") == "insurance_lost");
    CHECK(warnings.at(0).at("text").at("en") == advice("insurance_lost").desk.en);
}

// Lives in Hachioji; what is known of them is known elsewhere.
Case known_elsewhere(SourceStatus at_home) {
    Case one = facts({answered("271004", {entitlement("unheard-of", "54136015")}),
                      answered(kHachioji), answered(kTokyo)});
    one.query.residence = authority(kHachioji);
    one.query.explain = true;
    one.findings[1].status = at_home;
    one.findings[2].status = SourceStatus::no_record;
    return one;
}

Case under_protection(Case one) {
    for (Finding& finding : one.findings) {
        for (Entitlement& entitlement : finding.entitlements)
            entitlement.not_disclosed = true;
    }
    return one;
}

TEST_CASE("where a person lives is not told: an authority that only the residence led to") {
    for (const SourceStatus status : {SourceStatus::no_record, SourceStatus::not_connected,
                                      SourceStatus::timeout, SourceStatus::unavailable}) {
        const std::string head = render(known_elsewhere(status)).head;
        for (const char* home : {"132012", "八王子", "130001", "東京"}) {
            CAPTURE(home, static_cast<int>(status));
            CHECK(head.find(home) == std::string::npos);
        }
        CHECK(head.find("54136015") != std::string::npos);
        CHECK(head.find(R"("outcome":"eligible")") != std::string::npos);
        // That something is missing is told all the same.
        const bool missing = status != SourceStatus::no_record;
        const std::string entry = R"({"status":")" + std::string(name(status)) + R"("})";
        CHECK((head.find(entry) != std::string::npos) == missing);
    }
}

TEST_CASE("whether a person is under protection changes not one byte of an answer") {
    std::vector<Case> cases{one_child()};
    for (const SourceStatus status : {SourceStatus::no_record, SourceStatus::not_connected,
                                      SourceStatus::timeout, SourceStatus::answered})
        cases.push_back(known_elsewhere(status));
    cases.push_back(known_elsewhere(SourceStatus::timeout));
    cases.back().findings[0].entitlements[0].valid_to = date("2026-05-01");  // unknown
    cases.push_back(cases.back());
    cases.back().findings[0].ambiguous = true;
    cases.push_back(cases[1]);
    cases.back().findings[0].authority = authority("132047");  // of the same prefecture
    for (std::size_t i = 0; i < cases.size(); ++i) {
        CAPTURE(i);
        const RenderedAnswer usual = render(cases[i]);
        const RenderedAnswer hidden = render(under_protection(cases[i]));
        CHECK(usual.head == hidden.head);
        CHECK(usual.hashed == hidden.hashed);
    }
}

TEST_CASE("where nobody holds a record all that were asked are named; a prefecture always is") {
    Case nobody = known_elsewhere(SourceStatus::timeout);
    nobody.findings[0].entitlements.clear();
    for (const char* asked : {"271004", "132012", "130001"})
        CHECK(render(nobody).head.find(asked) != std::string::npos);

    Case at_home = facts({answered(kHachioji, {entitlement("unheard-of", "54136015")}),
                          answered(kTokyo), answered("271004")});
    at_home.findings[1].status = SourceStatus::timeout;
    CHECK(complete(render(at_home)).at("authorities").size() == 2);
    CHECK(render(at_home).head.find(R"({"code":"130001","status":"timeout")") != std::string::npos);
}

TEST_CASE("residence, birth date, insured numbers and keys never appear for anybody") {
    Case one = one_child();
    one.query.residence = authority("131016");
    one.query.birth_date = date("2016-06-15");
    one.query.insurance = Insurance{.status = Insurance::Status::valid,
                                    .insurer = {},
                                    .symbol = "SYMBOL",
                                    .number = "NUMBER",
                                    .branch = "BRANCH",
                                    .copay_ratio_percent = {},
                                    .from_source = false,
                                    .as_of = {}};
    one.query.explain = true;
    one.findings[0].entitlements[0].birth_date = date("2016-06-15");
    const std::string head = render(one).head;
    for (const char* secret : {"131016", "2016-06-15", "SYMBOL", "NUMBER", "BRANCH", "h-maru-ko"}) {
        INFO(secret);
        CHECK(head.find(secret) == std::string::npos);
    }
}

}  // namespace
}  // namespace shikaku::domain::test
