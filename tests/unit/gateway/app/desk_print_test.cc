#include "gateway/app/desk_print.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace {

using namespace shikaku;

std::string printed(const char* text) {
    std::ostringstream out;
    app::print_answer(out, *parse_json(text), {.colour = false});
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

TEST_CASE("members that are missing or of another type are left out, nothing breaks") {
    for (const char* text :
         {"{}", R"({"subsidies":[{}]})", R"({"outcome":1,"subsidies":[{"claim":7}]})"}) {
        CHECK_FALSE(printed(text).empty());
    }
}

}  // namespace
