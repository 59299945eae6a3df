// One client that sends too much, beside one that does not: what each is told.
#include <catch2/catch.hpp>
#include <charconv>
#include <fstream>
#include <thread>

#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using http::Method;
using test::GatewayFixture;

// A minute brings one back: within a test nothing.
const std::string kLimits = R"(
[limits.institution]
per_minute = 1
burst = 20
[limits.emergency]
per_minute = 1
burst = 2
[limits.forged]
per_minute = 1
burst = 3
)";

struct Limited {
    GatewayFixture gateway{kLimits};
    identity::DemoCard child = test::person();

    Limited() {
        gateway.start();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
    }

    std::string question(const std::string& clinic, const std::string& priority) {
        return Json{{"card_token", gateway.token(clinic, child)},
                    {"setting", "outpatient"},
                    {"priority", priority}}
            .dump();
    }
    http::ClientResponse ask(const std::string& clinic, const std::string& priority = "walk_in") {
        return gateway.call(clinic, Method::post, "/v1/eligibility", question(clinic, priority));
    }
    http::ClientResponse batch(const std::string& clinic, const std::vector<std::string>& tokens) {
        Json questions = Json::array();
        for (const std::string& token : tokens)
            questions.push_back(*parse_json(GatewayFixture::question(token)));
        return gateway.call(clinic, Method::post, "/v1/eligibility/batch",
                            Json{{"questions", questions}}.dump());
    }
    std::string forged(const std::string& clinic) {
        std::string token = gateway.token(clinic, child);
        char& changed = token[token.size() - 20];
        changed = changed == 'A' ? 'B' : 'A';
        return token;
    }
    double metric(const std::string& name) {
        const std::string text = gateway.ops("/metrics").body;
        const auto at = text.find("\n" + name + " ");
        if (at == std::string::npos) return 0;
        return std::stod(text.substr(at + name.size() + 2));
    }
};

std::string header(const http::ClientResponse& response, std::string_view name) {
    return std::string(http::find_header(response.headers, name));
}

std::string code(const std::string& problem) {
    const auto json = parse_json(problem);
    REQUIRE(json);
    return json->value("code", std::string("answered"));
}

TEST_CASE_METHOD(Limited, "each answer tells what is left, and beyond it is 429; others go on") {
    for (int asked = 1; asked <= 20; ++asked) {
        const auto response = ask("clinic-a");
        REQUIRE(response.status == 200);
        CHECK(header(response, "RateLimit-Policy") == "\"institution\";q=20;w=1200");
        CHECK(header(response, "RateLimit")
                  .starts_with("\"institution\";r=" + std::to_string(20 - asked) + ";t="));
    }
    const auto refused = ask("clinic-a");
    CHECK(refused.status == 429);
    CHECK(header(refused, "Content-Type") == "application/problem+json");
    CHECK(header(refused, "RateLimit").starts_with("\"institution\";r=0;t="));
    const std::string wait = header(refused, "Retry-After");
    int seconds = 0;
    REQUIRE(std::from_chars(wait.data(), wait.data() + wait.size(), seconds).ec == std::errc());
    CHECK(seconds >= 50);
    CHECK(seconds <= 62);
    CHECK(code(refused.body) == "rate_limited");
    CHECK(gateway.call("clinic-a", Method::get, "/v1/authorities").status == 429);
    CHECK(gateway.call("clinic-a", Method::get, "/nowhere").status == 429);

    CHECK(ask("clinic-b").status == 200);
    CHECK(gateway.call("authority-132012", Method::get, "/v1/authorities").status == 200);
    CHECK(metric("shikaku_limited_total{role=\"institution\",why=\"rate\"}") == 3);

    SECTION("an emergency passes, as far as the clinic's share of them goes") {
        for (int i = 0; i < 2; ++i) {
            const auto emergency = ask("clinic-a", "emergency");
            CHECK(emergency.status == 200);
            CHECK(header(emergency, "X-Shikaku-Priority").empty());
        }
        const auto beyond = ask("clinic-a", "emergency");
        CHECK(beyond.status == 429);
        CHECK(header(beyond, "X-Shikaku-Priority") == "walk_in");
    }
}

TEST_CASE_METHOD(Limited, "who says emergency each time is told that it is none") {
    for (int i = 0; i < 2; ++i)
        CHECK(header(ask("clinic-a", "emergency"), "X-Shikaku-Priority").empty());
    const auto third = ask("clinic-a", "emergency");
    CHECK(third.status == 200);
    CHECK(header(third, "X-Shikaku-Priority") == "walk_in");
    CHECK(metric("shikaku_questions_admitted_total{priority=\"emergency\"}") == 2);
    CHECK(metric("shikaku_questions_admitted_total{priority=\"walk_in\"}") == 1);
    CHECK(metric("shikaku_emergencies_beyond_share_total") == 1);
}

TEST_CASE_METHOD(Limited, "garbage costs what questions cost, and a batch its questions") {
    SECTION("requests that are refused") {
        for (int i = 0; i < 10; ++i) {
            CHECK(gateway.call("clinic-a", Method::post, "/v1/eligibility", "{").status == 400);
            CHECK(gateway.call("clinic-a", Method::get, "/nowhere").status == 404);
        }
        CHECK(gateway.call("clinic-a", Method::post, "/v1/eligibility", "{").status == 429);
        CHECK(ask("clinic-a").status == 429);
    }
    SECTION("a batch") {
        std::vector<std::string> tokens;
        for (int i = 0; i < 15; ++i)
            tokens.push_back(gateway.token("clinic-a", child));
        const auto first = batch("clinic-a", tokens);
        CHECK(first.status == 200);
        CHECK(header(first, "RateLimit").starts_with("\"institution\";r=5;"));
        CHECK(batch("clinic-a", tokens).status == 429);
        CHECK(ask("clinic-a").status == 200);
    }
}

TEST_CASE_METHOD(Limited, "of a sender of forged tokens only the first are looked at") {
    const auto refused = gateway.call("clinic-a", Method::post, "/v1/eligibility",
                                      GatewayFixture::question(forged("clinic-a")));
    CHECK(refused.status == 401);
    CHECK(code(refused.body) == "token_invalid");

    const auto answers =
        batch("clinic-a", {forged("clinic-a"), gateway.token("clinic-a", child), forged("clinic-a"),
                           forged("clinic-a"), gateway.token("clinic-a", child)});
    REQUIRE(answers.status == 200);
    std::vector<std::string> codes;
    for (std::size_t from = 0; from < answers.body.size();) {
        const std::size_t end = answers.body.find('\n', from);
        codes.push_back(code(answers.body.substr(from, end - from)));
        from = end + 1;
    }
    CHECK(codes == std::vector<std::string>{"token_invalid", "answered", "token_invalid",
                                            "rate_limited", "rate_limited"});
    const auto good = ask("clinic-a");
    CHECK(good.status == 429);
    CHECK_FALSE(header(good, "Retry-After").empty());
    CHECK(ask("clinic-a", "emergency").status == 200);
    CHECK(ask("clinic-b").status == 200);
    CHECK(metric("shikaku_forged_tokens_total") == 3);
}

TEST_CASE("certificates of one clinic are counted as one client") {
    GatewayFixture gateway("[limits.client_handshakes]\nper_minute = 1\nburst = 1\n");
    gateway.start();
    CHECK(gateway.call("clinic-a", Method::get, "/log/checkpoint").status == 200);
    const auto second = gateway.as("clinic-a-second").send_and_wait({.target = "/log/checkpoint"});
    CHECK((!second || second->status == 503));
    CHECK(gateway.call("clinic-b", Method::get, "/log/checkpoint").status == 200);
}

TEST_CASE("a long batch of a desk waits when it is told to, and is answered whole") {
    GatewayFixture gateway(R"(
[limits.institution]
per_minute = 300
burst = 50
)");
    const identity::DemoCard child = test::person();
    gateway.start();
    gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
    const auto file = gateway.folder() / "questions.ndjson";
    {
        std::ofstream questions(file);
        for (int line = 0; line < 60; ++line)
            questions << GatewayFixture::question(gateway.token("clinic-a", child)) << '\n';
    }
    const auto batch =
        test::run({test::program("shikaku-desk"), "batch", file, "--url", gateway.url(), "--ca",
                   test::certs() / "ca.crt", "--as", "clinic-a"},
                  {"SHIKAKU_CERTS=" + test::certs().string()});
    INFO(batch.output);
    CHECK(batch.exit_code == 0);
    CHECK(batch.output.find("60 of 60 may be used") != std::string::npos);
}

// 2,000 forged tokens on four connections beside one polite clinic.
TEST_CASE(
    "a flood of forged tokens costs a few signature checks, and a polite clinic is answered") {
    GatewayFixture gateway(R"(
[limits.forged]
per_minute = 1
burst = 3
)");
    const identity::DemoCard child = test::person();
    gateway.start();
    gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
    Json questions = Json::array();
    for (int i = 0; i < 500; ++i) {
        std::string token = gateway.token("clinic-a", child);
        char& changed = token[token.size() - 20];
        changed = changed == 'A' ? 'B' : 'A';
        questions.push_back(*parse_json(GatewayFixture::question(token)));
    }
    const std::string batch = Json{{"questions", questions}}.dump();
    static_cast<void>(gateway.as("clinic-a"));  // not made by several threads
    std::array<http::ClientResponse, 4> flooded;
    {
        std::vector<std::jthread> abusers;
        for (http::ClientResponse& answer : flooded) {
            abusers.emplace_back([&gateway, &answer, &batch] {
                answer = gateway.call("clinic-a", Method::post, "/v1/eligibility/batch", batch);
            });
        }
        for (int i = 0; i < 50; ++i)
            CHECK(gateway.ask("clinic-b", child).status == 200);
    }
    std::size_t limited = 0;
    for (const http::ClientResponse& answer : flooded) {
        CHECK(answer.status == 200);
        CHECK(std::ranges::count(answer.body, '\n') == 500);
        for (std::size_t at = 0;
             (at = answer.body.find("\"code\":\"rate_limited\"", at)) != std::string::npos; ++at)
            ++limited;
    }
    // Two threads may look at one each before either has counted.
    CHECK(limited >= 1'990);
    CHECK(limited <= 1'997);
}

}  // namespace
