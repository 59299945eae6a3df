#include "gateway/api/question_body.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using shikaku::ErrorCode;
using shikaku::Instant;
using namespace std::chrono_literals;

// 2026-11-20 08:30 JST
const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 19} + 23h + 30min};

TEST_CASE("a question without a date is about today in Japan") {
    const auto question =
        shikaku::api::parse_question(R"({"card_token":"x","setting":"outpatient"})", kNow);
    REQUIRE(question.has_value());
    CHECK(question->service_date.iso() == "2026-11-20");
    CHECK(question->today.iso() == "2026-11-20");
    CHECK(question->priority == shikaku::domain::Priority::walk_in);
    CHECK_FALSE(question->explain);
}

TEST_CASE("service dates are accepted from two years back to three months ahead") {
    const auto ask = [](const std::string& date) {
        return shikaku::api::parse_question(
            R"({"card_token":"x","setting":"pharmacy","service_date":")" + date + "\"}", kNow);
    };
    CHECK(ask("2024-11-20").has_value());
    CHECK(ask("2027-02-20").has_value());
    CHECK_FALSE(ask("2024-11-19").has_value());
    CHECK_FALSE(ask("2027-02-21").has_value());
}

TEST_CASE("bad questions are refused with the place and without quoting values") {
    struct Row {
        std::string body;
        ErrorCode code;
        std::string pointer;
    };
    const std::string good = R"("card_token":"x","setting":"outpatient")";
    const std::vector<Row> rows = {
        {"", ErrorCode::malformed_request, ""},
        {"{", ErrorCode::malformed_request, ""},
        {"null", ErrorCode::malformed_request, ""},
        {"[]", ErrorCode::malformed_request, ""},
        {"\"text\"", ErrorCode::malformed_request, ""},
        {"{" + good + "} x", ErrorCode::malformed_request, ""},
        {"{" + good + ",}", ErrorCode::malformed_request, ""},
        {"{" + good + R"(,"setting":"outpatient"})", ErrorCode::malformed_request, ""},
        {"{" + good + ",\"service_date\":\"\xff\"}", ErrorCode::malformed_request, ""},
        {"// c\n{" + good + "}", ErrorCode::malformed_request, ""},
        {R"({"setting":"outpatient"})", ErrorCode::invalid_field, "/card_token"},
        {R"({"card_token":"","setting":"outpatient"})", ErrorCode::invalid_field, "/card_token"},
        {R"({"card_token":1,"setting":"outpatient"})", ErrorCode::invalid_field, "/card_token"},
        {R"({"card_token":")" + std::string(9000, 'a') + R"(","setting":"outpatient"})",
         ErrorCode::invalid_field, "/card_token"},
        {R"({"card_token":"x"})", ErrorCode::invalid_field, "/setting"},
        {R"({"card_token":"x","setting":"OUTPATIENT"})", ErrorCode::invalid_field, "/setting"},
        {R"({"card_token":"x","setting":null})", ErrorCode::invalid_field, "/setting"},
        {"{" + good + R"(,"servicedate":"2026-11-20"})", ErrorCode::invalid_field, ""},
        {"{" + good + R"(,"service_date":"2026-11-31"})", ErrorCode::invalid_field,
         "/service_date"},
        {"{" + good + R"(,"service_date":"20261120"})", ErrorCode::invalid_field, "/service_date"},
        {"{" + good + R"(,"service_date":"R8.11.20"})", ErrorCode::invalid_field, "/service_date"},
        {"{" + good + R"(,"service_date":20261120})", ErrorCode::invalid_field, "/service_date"},
        {"{" + good + R"(,"priority":"urgent"})", ErrorCode::invalid_field, "/priority"},
        {"{" + good + R"(,"explain":"true"})", ErrorCode::invalid_field, "/explain"},
        {"{" + good + R"(,"known_content_hash":")" + std::string(81, 'a') + "\"}",
         ErrorCode::invalid_field, "/known_content_hash"},
        // Behind the first wrong member, and inside of it, nothing is read.
        {R"({"card_token":[[],[)", ErrorCode::invalid_field, "/card_token"},
        {R"({"card_token":{"a":1},"setting":"outpatient"})", ErrorCode::invalid_field,
         "/card_token"},
        {R"({"explain":[true],)" + good + "}", ErrorCode::invalid_field, "/explain"},
        {R"({"x":[)" + good, ErrorCode::invalid_field, ""},
        {"[[],[", ErrorCode::malformed_request, ""},
        {"true", ErrorCode::malformed_request, ""},
        {"{" + good + R"(,"service_date":"123456789018"})", ErrorCode::personal_number_refused,
         "/service_date"},
        {"{" + good + R"(,"priority":"1234-5678-9018"})", ErrorCode::personal_number_refused,
         "/priority"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.body.substr(0, 120));
        const auto question = shikaku::api::parse_question(row.body, kNow);
        REQUIRE_FALSE(question.has_value());
        CHECK(shikaku::name(question.error().code) == shikaku::name(row.code));
        CHECK(question.error().pointer == row.pointer);
        CHECK(question.error().detail.find("123456789018") == std::string::npos);
    }
}

TEST_CASE("members may be spelt with escapes, and stand in any order") {
    const auto question = shikaku::api::parse_question(
        R"( { "explain" : true, "priority":"emerg\u0065ncy", "s\u0065tting":"pharmacy",
              "known_content_hash":"sha256:\/ab", "card_token":"x\u002e" } )",
        kNow);
    REQUIRE(question.has_value());
    CHECK(question->explain);
    CHECK(question->priority == shikaku::domain::Priority::emergency);
    CHECK(question->setting == shikaku::domain::Setting::pharmacy);
    CHECK(question->known_content_hash == "sha256:/ab");
    CHECK(question->card_token == "x.");
}

}  // namespace
