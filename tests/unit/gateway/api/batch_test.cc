#include "gateway/api/batch.h"

#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"

namespace {

using namespace shikaku;
using namespace std::chrono_literals;

const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 19} + 23h + 30min};
const std::string kQuestion = R"({"card_token":"x","setting":"outpatient"})";

Result<std::vector<std::string>> split(std::string type, std::string body) {
    http::Request request;
    request.headers.push_back({.name = "Content-Type", .value = std::move(type)});
    request.body = std::move(body);
    return api::split_questions(request);
}

TEST_CASE("an NDJSON batch has a question a line; blank lines are none") {
    const auto questions =
        split("application/x-ndjson", "\n" + kQuestion + "\r\n\n  \t\r\n{\"bad\n" + kQuestion);
    REQUIRE(questions);
    CHECK(*questions == std::vector<std::string>{kQuestion, "{\"bad", kQuestion});
}

TEST_CASE("a JSON batch has them in one array, also bad ones") {
    const auto questions =
        split("application/json; charset=utf-8", R"({"questions":[)" + kQuestion + ",1]}");
    REQUIRE(questions);
    REQUIRE(questions->size() == 2);
    CHECK(api::parse_batch_question(questions->at(0), kNow));
    CHECK_FALSE(api::parse_batch_question(questions->at(1), kNow));
}

TEST_CASE("bodies that are no batch are refused") {
    struct Row {
        const char* type;
        std::string body;
        ErrorCode code;
    };
    const auto row = GENERATE(
        values<Row>({{"application/json", "[]", ErrorCode::invalid_field},
                     {"application/json", "{}", ErrorCode::invalid_field},
                     {"application/json", R"({"questions":{}})", ErrorCode::invalid_field},
                     {"application/json", R"({"questions":[]})", ErrorCode::invalid_field},
                     {"application/json", R"({"questions":[)", ErrorCode::malformed_request},
                     {"application/x-ndjson", "", ErrorCode::invalid_field},
                     {"application/x-ndjson", "\n\r\n  \n", ErrorCode::invalid_field},
                     {"text/csv", kQuestion, ErrorCode::unsupported_media_type}}));
    CAPTURE(row.type, row.body);
    const auto refused = split(row.type, row.body);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == row.code);
}

TEST_CASE("a thousand questions are a batch, one more is none, in both forms") {
    std::string lines;
    std::string list;
    for (std::size_t i = 0; i < bounds::kBatchQuestions; ++i) {
        lines += kQuestion + "\n\n";
        list += (i == 0 ? "" : ",") + kQuestion;
    }
    CHECK(split("application/x-ndjson", lines)->size() == 1000);
    CHECK(split("application/json", R"({"questions":[)" + list + "]}")->size() == 1000);
    CHECK(split("application/x-ndjson", lines + kQuestion).error().code ==
          ErrorCode::body_too_large);
    CHECK(split("application/json", R"({"questions":[)" + list + "," + kQuestion + "]}")
              .error()
              .code == ErrorCode::body_too_large);
}

TEST_CASE("a batch is scheduled or bulk; what wants to go first is refused, not changed") {
    const auto with = [](const std::string& priority) {
        return api::parse_batch_question(
            R"({"card_token":"x","setting":"outpatient","priority":")" + priority + "\"}", kNow);
    };
    CHECK(with("scheduled")->priority == domain::Priority::scheduled);
    CHECK(with("bulk")->priority == domain::Priority::bulk);
    CHECK(api::parse_batch_question(kQuestion, kNow)->priority == domain::Priority::scheduled);
    for (const char* refused : {"walk_in", "emergency"}) {
        const auto question = with(refused);
        REQUIRE_FALSE(question);
        CHECK(question.error().code == ErrorCode::invalid_field);
        CHECK(question.error().pointer == "/priority");
    }
    // The word alone says nothing about the member.
    const auto named =
        api::parse_batch_question(R"({"card_token":"\"priority\"","setting":"outpatient"})", kNow);
    REQUIRE(named);
    CHECK(named->priority == domain::Priority::scheduled);
    // However the key is spelt.
    CHECK(api::parse_batch_question(
              R"({"card_token":"x","setting":"outpatient","pri\u006frity":"walk_in"})", kNow)
              .error()
              .pointer == "/priority");
}

}  // namespace
