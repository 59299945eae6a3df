#include "gateway/programs/client/print.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace {

using namespace shikaku;

std::string printed(const char* text) {
    std::ostringstream out;
    programs::print_answer(out, *parse_json(text),
                           {.colour = false, .today = *domain::Date::parse_iso("2026-11-20")});
    return out.str();
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("an eligible answer says what to charge, what to claim, until when and how fresh") {
    const std::string out = printed(R"({"outcome":"eligible","reason":"ACTIVE","subsidies":[
        {"authority":{"code":"132012","name":"八王子市"},
         "scheme":{"id":"maru-ko","name":{"ja":"マル子","en":"School age"}},
         "outcome":"eligible","reason":"ACTIVE",
         "claim":{"order":1,"payer_number":"88131248","recipient_number":"1234566","settlement":"in_kind"},
         "valid":{"from":"2026-04-01","to":"2027-03-31"},
         "copay":{"text":{"ja":"1回につき200円","en":"200 yen per visit"}},
         "freshness":{"class":"published","age_s":3}}],
        "evidence":{"log":"shikaku.example/log","index":4711}})");
    CHECK(has(out, "○ 使えます"));
    CHECK(has(out, "第1公費 八王子市 マル子 / School age"));
    CHECK(has(out, "1回につき200円 / 200 yen per visit"));
    CHECK(has(out, "88131248"));
    CHECK(has(out, "令和9年3月31日"));
    CHECK(has(out, "3秒前"));
    CHECK(has(out, "shikaku.example/log #4711"));
    CHECK_FALSE(has(out, "\033["));
}

TEST_CASE("an unknown answer without subsidies gives the advice") {
    const std::string out = printed(R"({"outcome":"unknown","reason":"NOT_CONNECTED","subsidies":[],
        "advice":{"desk":{"ja":"受給者証を見せてもらう","en":"Ask for the certificate"}},
        "evidence":{"log":"l","index":0}})");
    CHECK(has(out, "？ 確認できません"));
    CHECK(has(out, "受給者証を見せてもらう / Ask for the certificate"));
}

TEST_CASE("a fifth payer is valid but not on this claim, and the note says what to do") {
    const std::string out = printed(R"({"outcome":"eligible","reason":"ACTIVE","subsidies":[
        {"outcome":"eligible","reason":"ACTIVE",
         "claim":{"order":0,"payer_number":"88131248","recipient_number":"1","settlement":"in_kind"},
         "copay":{"text":{"ja":"1回につき200円","en":"200 yen per visit"}},
         "notes":[{"code":"fifth_payer","text":{"ja":"4つまでです","en":"Four at most"}}]}]})");
    CHECK(has(out, "資格はありますが、この請求には載せられません / Valid, but not on this claim"));
    CHECK(has(out, "4つまでです / Four at most"));
    CHECK_FALSE(has(out, "settled here  "));
    CHECK_FALSE(has(out, "現物給付"));
    CHECK_FALSE(has(out, "200"));  // what it would leave to pay if it stood on the claim
}

TEST_CASE("a subsidy that is paid back later is not on the claim, its charge stays") {
    const std::string out = printed(R"({"outcome":"eligible","reason":"ACTIVE_REIMBURSEMENT",
        "subsidies":[{"outcome":"eligible","reason":"ACTIVE_REIMBURSEMENT",
         "claim":{"order":0,"payer_number":"88131248","recipient_number":"1",
                  "settlement":"reimbursement"},
         "copay":{"text":{"ja":"保険の自己負担分","en":"the insurance share"}},
         "advice":{"desk":{"ja":"領収書","en":"a receipt"}}}]})");
    CHECK(has(out, "Valid, but not on this claim"));
    CHECK(has(out, "償還払い"));
    CHECK(has(out, "保険の自己負担分"));
    CHECK(has(out, "領収書 / a receipt"));
}

TEST_CASE("a number that is missing is taken from the certificate, not left blank") {
    const std::string out = printed(R"({"outcome":"eligible","reason":"ACTIVE","subsidies":[
        {"outcome":"eligible","reason":"ACTIVE",
         "claim":{"order":1,"recipient_number":"1234566","settlement":"in_kind"},
         "notes":[{"code":"payer_number_missing","text":{"ja":"受給者証から入力","en":"Take it"}},
                  {"text":{"ja":"学校管理下のけが","en":"Accidents at school"}}]}]})");
    CHECK(has(out, "負担者番号 (受給者証から / from the certificate)  受給者番号 1234566"));
    CHECK(has(out, "注意 / Note: 受給者証から入力 / Take it"));
    SECTION("and what a rule says to check is printed too") {
        CHECK(has(out, "注意 / Note: 学校管理下のけが / Accidents at school"));
    }
}

TEST_CASE("an unknown whole keeps its advice beside rows that say no") {
    const std::string out = printed(R"({"outcome":"unknown","reason":"SOURCE_UNAVAILABLE",
        "advice":{"desk":{"ja":"終了・削除しないでください","en":"do not end or delete"}},
        "subsidies":[{"outcome":"not_eligible","reason":"EXPIRED",
                      "advice":{"desk":{"ja":"更新を確認","en":"ask about renewal"}}}]})");
    CHECK(has(out, "終了・削除しないでください / do not end or delete"));
    CHECK(has(out, "更新を確認 / ask about renewal"));
    CHECK(out.find("do not end or delete") < out.find("EXPIRED"));
}

TEST_CASE("the advice on the whole is not repeated by a row with the same reason") {
    const std::string out = printed(R"({"outcome":"unknown","reason":"SOURCE_UNAVAILABLE",
        "advice":{"desk":{"ja":"再照会","en":"ask again"}},
        "subsidies":[{"outcome":"unknown","reason":"SOURCE_UNAVAILABLE",
                      "advice":{"desk":{"ja":"再照会","en":"ask again"}}}]})");
    CHECK(out.find("ask again") == out.rfind("ask again"));
    CHECK(has(out, "ask again"));
}

TEST_CASE("for a past service date the desk sees when its answer last changed") {
    const std::string past = R"("last_changed":"2026-11-15T09:30:12+09:00","subsidies":[]})";
    CHECK(has(printed((R"({"outcome":"eligible","service_date":"2026-11-10",)" + past).c_str()),
              "Answer for that date last changed: 2026-11-15 09:30\n"));
    CHECK_FALSE(
        has(printed((R"({"outcome":"eligible","service_date":"2026-11-20",)" + past).c_str()),
            "last changed"));
    CHECK_FALSE(has(printed(R"({"outcome":"eligible","service_date":"2026-11-10"})"), "changed"));
}

TEST_CASE("members that are missing or of another type are left out, nothing breaks") {
    for (const char* text :
         {"{}", R"({"subsidies":[{}]})", R"({"outcome":1,"subsidies":[{"claim":7}]})"}) {
        CHECK_FALSE(printed(text).empty());
    }
}

}  // namespace
