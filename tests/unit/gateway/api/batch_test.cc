#include "gateway/api/batch.h"

#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"

namespace {

using namespace shikaku;
using namespace std::chrono_literals;

const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 19} + 23h + 30min};
const std::string kQuestion = R"({"card_token":"x","setting":"outpatient"})";

Result<std::vector<api::BatchLine>> split(std::string type, std::string body) {
    http::Request request;
    request.headers.push_back({.name = "Content-Type", .value = std::move(type)});
    request.body = std::move(body);
    return api::split_questions(request);
}

std::vector<std::string> texts(const Result<std::vector<api::BatchLine>>& lines) {
    std::vector<std::string> out;
    for (const api::BatchLine& line : *lines)
        out.push_back(line ? *line : "refused: " + std::string(name(line.error().code)));
    return out;
}

TEST_CASE("an NDJSON batch has a question a line; blank lines are none") {
    const auto questions =
        split("application/x-ndjson", "\n" + kQuestion + "\r\n\n  \t\r\n{\"bad\n" + kQuestion);
    REQUIRE(questions);
    CHECK(texts(questions) == std::vector<std::string>{kQuestion, "{\"bad", kQuestion});
}

TEST_CASE("a JSON batch has them in one array, also bad ones") {
    const auto questions =
        split("application/json; charset=utf-8", R"({"questions":[)" + kQuestion + ",1]}");
    REQUIRE(questions);
    REQUIRE(questions->size() == 2);
    CHECK(api::parse_batch_question(*questions->at(0), kNow));
    CHECK_FALSE(api::parse_batch_question(*questions->at(1), kNow));
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

// In 4 MiB there is room for more than a million: none of them may cost anything.
TEST_CASE("a body of a million questions, lines or values is refused or passed over uncut") {
    constexpr std::size_t kBytes = bounds::kBatchBodyBytes;
    const auto repeated = [](std::string_view piece, std::string text, std::string_view end) {
        while (text.size() + piece.size() + end.size() <= kBytes)
            text += piece;
        text.pop_back();
        return text + std::string(end);
    };
    struct Row {
        const char* type;
        std::string body;
        ErrorCode code;
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"application/json", repeated("[],", R"({"questions":[)", "]}"), ErrorCode::body_too_large},
        // Nothing behind the question too many is read.
        {"application/json", repeated("{},", R"({"questions":[)", "{"), ErrorCode::body_too_large},
        {"application/json", repeated("[],", R"({"other":[)", "]}"), ErrorCode::malformed_request},
        {"application/json", repeated("[],", "[", "]"), ErrorCode::malformed_request},
        {"application/x-ndjson", repeated("[]\n", "", "\n"), ErrorCode::body_too_large},
        {"application/x-ndjson", repeated("\n", "", "\n"), ErrorCode::body_too_large},
        {"application/x-ndjson", repeated(" \r\n", "", "\n"), ErrorCode::body_too_large},
    }));
    CAPTURE(row.type, row.body.substr(0, 30));
    const auto refused = split(row.type, row.body);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == row.code);
}

TEST_CASE("a question longer than one by itself may be is refused alone, and is not kept") {
    const std::string longest(bounds::kApiBodyBytes - 2, 'a');
    const std::string fits = '"' + longest + '"', too_long = '"' + longest + "a\"";
    const std::vector<std::string> expected = {kQuestion, fits, "refused: body_too_large",
                                               kQuestion};
    CHECK(texts(split("application/x-ndjson",
                      kQuestion + "\n" + fits + "\n" + too_long + "\n" + kQuestion)) == expected);
    CHECK(texts(split("application/json", R"({"questions":[)" + kQuestion + "," + fits + "," +
                                              too_long + "," + kQuestion + "]}")) == expected);
}

TEST_CASE("splitting in vain costs as many single questions as the body is long") {
    http::Request request;
    CHECK(api::cost_of_splitting(request) == 1);
    request.body.resize(bounds::kApiBodyBytes - 1);
    CHECK(api::cost_of_splitting(request) == 1);
    request.body.resize(bounds::kBatchBodyBytes);
    CHECK(api::cost_of_splitting(request) == 65);
}

TEST_CASE("a line waits where its text says it belongs") {
    CHECK(api::likely_priority(kQuestion) == domain::Priority::scheduled);
    CHECK(api::likely_priority(R"({"priority" : "bulk"})") == domain::Priority::bulk);
    CHECK(api::likely_priority(R"({"priority":"scheduled"})") == domain::Priority::scheduled);
}

TEST_CASE("a JSON batch is cut where its questions stand, whatever is around them") {
    const auto cut = [](std::string body) { return split("application/json", std::move(body)); };
    const auto questions = cut(
        R"( {"n":{"questions":[7]}, "questions" : [ {"a":[1,{"b":2}]} ,"x,y", null,[3], 4 ],"z":[5]})");
    REQUIRE(questions);
    CHECK(texts(questions) ==
          std::vector<std::string>{R"({"a":[1,{"b":2}]})", R"("x,y")", "null", "[3]", "4"});
    // The name may be spelt with escapes, and a question may hold the name itself.
    CHECK(texts(cut(R"({"\u0071uestions":[{"questions":[1,2]}]})")) ==
          std::vector<std::string>{R"({"questions":[1,2]})"});
    for (const char* body : {R"([{"questions":[1]}])", R"({"x":{"questions":[1]}})",
                             R"({"questions":1,"x":[1]})", R"({"questions":{"questions":[1]}})"})
        CHECK(cut(body).error().pointer == "/questions");
    CHECK(cut(R"({"questions":[1],"questions":[2]})").error().detail ==
          "an object has the same key twice");
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
