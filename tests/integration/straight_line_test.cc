// From a tap to a proven answer, with the real programs.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <thread>

#include "gateway/audit/receipt.h"
#include "gateway/support/file.h"
#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using http::Method;
using test::GatewayFixture;

Json body(const http::ClientResponse& response) {
    INFO(response.body);
    const auto json = parse_json(response.body);
    REQUIRE(json.has_value());
    return *json;
}

struct Hachioji {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();

    Hachioji() {
        gateway.start();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
    }
};

TEST_CASE_METHOD(Hachioji, "a child of Hachioji gets a complete answer with its evidence") {
    const auto response = gateway.ask("clinic-a", child);
    REQUIRE(response.status == 200);
    const Json answer = body(response);
    CHECK(answer["outcome"] == "eligible");
    CHECK(answer["reason"] == "ACTIVE");
    REQUIRE(answer["subsidies"].size() == 1);
    const Json& subsidy = answer["subsidies"][0];
    CHECK(subsidy["authority"]["name"] == "八王子市");
    CHECK(subsidy["claim"]["payer_number"] == "88131248");
    CHECK(subsidy["claim"]["recipient_number"] == "1234566");
    CHECK(subsidy["claim"]["order"] == 1);
    CHECK(subsidy["copay"]["amount"] == 200);
    CHECK(subsidy["freshness"]["class"] == "published");
    CHECK(answer["authorities"][0]["status"] == "answered");
    CHECK(answer["content_hash"].get<std::string>().starts_with("sha256:"));
    CHECK(answer["evidence"]["log"] == "shikaku.example/log");

    SECTION("the same facts give the same content hash, and a known hash a short answer") {
        const auto again = gateway.call("clinic-a", Method::post, "/v1/eligibility",
                                        Json{{"card_token", gateway.token("clinic-a", child)},
                                             {"setting", "outpatient"},
                                             {"known_content_hash", answer["content_hash"]}}
                                            .dump());
        REQUIRE(again.status == 200);
        CHECK(body(again)["unchanged"] == true);
        CHECK(body(again)["content_hash"] == answer["content_hash"]);
        CHECK_FALSE(body(again).contains("subsidies"));
    }
    SECTION("a person nobody knows gets NO_RECORD, not silence") {
        const Json other = body(gateway.ask("clinic-a", test::person()));
        CHECK(other["outcome"] == "not_eligible");
        CHECK(other["reason"] == "NO_RECORD");
    }
    SECTION("refused consent asks nobody and says so") {
        identity::DemoCard refusing = child;
        refusing.consent = false;
        const Json other = body(gateway.ask("clinic-a", refusing));
        CHECK(other["outcome"] == "unknown");
        CHECK(other["reason"] == "CONSENT_REFUSED");
        CHECK(other["authorities"].empty());
    }
    SECTION("a residence that takes no part is NOT_CONNECTED") {
        identity::DemoCard elsewhere = test::person();
        elsewhere.residence = domain::AuthorityCode::parse("132047");
        const Json other = body(gateway.ask("clinic-a", elsewhere));
        CHECK(other["outcome"] == "unknown");
        CHECK(other["reason"] == "NOT_CONNECTED");
    }
    SECTION("outside Tokyo the subsidy is paid back later") {
        const Json other = body(gateway.ask("clinic-kanagawa", child));
        CHECK(other["reason"] == "ACTIVE_REIMBURSEMENT");
    }
    SECTION("an auditor derives the same answer again, also after the rules have changed") {
        const std::string index = std::to_string(answer["evidence"]["index"].get<int>());
        const auto replay = [&] {
            return test::run({test::program("shikaku-audit"), "replay", "--index", index, "--url",
                              gateway.url(), "--ca", test::certs() / "ca.crt", "--cert",
                              test::certs() / "auditor-a.crt", "--key",
                              test::certs() / "auditor-a.key", "--vkey", gateway.vkey(), "--json"});
        };
        const auto first = replay();
        INFO(first.output);
        CHECK(first.exit_code == 0);
        CHECK(parse_json(first.output)->at("derived_content_hash") == answer["content_hash"]);

        Json pack = *parse_json(*read_file(std::filesystem::path(SHIKAKU_SOURCE_DIR) /
                                           "municipal-mocks" / "schemes" / "132012.json"));
        for (Json& scheme : pack["schemes"])
            scheme["name"]["ja"] = "改称した制度";
        REQUIRE(gateway.call("authority-132012", Method::put, "/v1/schemes", pack.dump()).status ==
                200);
        const auto renamed = body(gateway.ask("clinic-a", child));
        CHECK(renamed["content_hash"] != answer["content_hash"]);
        CHECK(replay().exit_code == 0);
    }
    SECTION("the log verifies") {
        REQUIRE(gateway.terminate() == 0);
        const auto verified = gateway.verify_log();
        INFO(verified.output);
        CHECK(verified.exit_code == 0);
    }
}

TEST_CASE_METHOD(Hachioji, "a card token is used once") {
    const std::string token = gateway.token("clinic-a", child);
    const std::string question = GatewayFixture::question(token);
    const auto first = gateway.call("clinic-a", Method::post, "/v1/eligibility", question);
    REQUIRE(first.status == 200);

    SECTION("the same request again gets the same answer again, byte for byte") {
        const auto second = gateway.call("clinic-a", Method::post, "/v1/eligibility", question);
        CHECK(second.status == 200);
        CHECK(second.body == first.body);
    }
    SECTION("another setting with the same token is a replay") {
        const auto second = gateway.call("clinic-a", Method::post, "/v1/eligibility",
                                         GatewayFixture::question(token, "pharmacy"));
        CHECK(second.status == 401);
        CHECK(body(second)["code"] == "token_replayed");
    }
    SECTION("another clinic cannot use it at all") {
        const auto second = gateway.call("clinic-b", Method::post, "/v1/eligibility", question);
        CHECK(second.status == 401);
        CHECK(body(second)["code"] == "token_not_bound");
    }
    SECTION("also after kill -9 and a new start") {
        gateway.kill9();
        gateway.start();
        const auto again = gateway.call("clinic-a", Method::post, "/v1/eligibility", question);
        CHECK(again.status == 200);
        CHECK(again.body == first.body);
        const auto other = gateway.call("clinic-a", Method::post, "/v1/eligibility",
                                        GatewayFixture::question(token, "pharmacy"));
        CHECK(body(other)["code"] == "token_replayed");
    }
}

TEST_CASE_METHOD(Hachioji, "a receipt proves the answer offline") {
    const auto response = gateway.ask("clinic-a", child, {{"Prefer", "receipt"}});
    REQUIRE(response.status == 200);
    const Json answer = body(response);
    const std::string receipt = answer["evidence"]["receipt"];
    CHECK(receipt.starts_with("c2sp.org/tlog-proof@v1\n"));

    const std::string index = std::to_string(answer["evidence"]["index"].get<int>());
    const auto fetched = gateway.call("clinic-a", Method::get, "/v1/receipts/" + index);
    CHECK(fetched.status == 200);
    CHECK(gateway.call("clinic-b", Method::get, "/v1/receipts/" + index).status == 403);
    CHECK(gateway.call("authority-132012", Method::get, "/v1/receipts/" + index).status == 200);
    CHECK(gateway.call("authority-130001", Method::get, "/v1/receipts/" + index).status == 403);
    CHECK(gateway.call("auditor-a", Method::get, "/v1/receipts/" + index).status == 200);
    CHECK(gateway.call("auditor-a", Method::get, "/v1/receipts/999999").status == 404);
}

TEST_CASE_METHOD(Hachioji,
                 "a batch answers every line in order, a bad line does not harm the others") {
    std::string lines;
    for (int i = 0; i < 5; ++i)
        lines += GatewayFixture::question(gateway.token("clinic-a", child)) + "\n";
    lines += "{\"setting\":\"outpatient\"}\n";
    lines += GatewayFixture::question(gateway.token("clinic-a", test::person())) + "\n";
    http::ClientRequest request;
    request.method = Method::post;
    request.target = "/v1/eligibility/batch";
    request.content_type = "application/x-ndjson";
    request.body = lines;
    const auto response = gateway.as("clinic-a").send_and_wait(std::move(request));
    REQUIRE(response.has_value());
    REQUIRE(response->status == 200);
    std::vector<Json> answers;
    std::istringstream in(response->body);
    for (std::string line; std::getline(in, line);)
        answers.push_back(*parse_json(line));
    REQUIRE(answers.size() == 7);
    for (int i = 0; i < 5; ++i)
        CHECK(answers[i]["outcome"] == "eligible");
    CHECK(answers[5]["code"] == "invalid_field");
    CHECK(answers[6]["reason"] == "NO_RECORD");
}

TEST_CASE_METHOD(Hachioji, "what is not allowed is refused with a code") {
    const std::string question = GatewayFixture::question(gateway.token("clinic-a", child));
    const auto code = [&](const std::string& certificate, Method method, const std::string& target,
                          const std::string& text = {}) {
        const auto response = gateway.call(certificate, method, target, text);
        CHECK(response.header("Content-Type") == "application/problem+json");
        const Json problem = body(response);
        CHECK(problem["status"] == response.status);
        CHECK_FALSE(problem["advice"]["desk"]["ja"].get<std::string>().empty());
        CHECK_FALSE(problem["advice"]["it"]["en"].get<std::string>().empty());
        return problem["code"].get<std::string>();
    };
    CHECK(code("auditor-a", Method::post, "/v1/eligibility", question) == "role_not_allowed");
    CHECK(code("authority-132012", Method::post, "/v1/eligibility", question) ==
          "role_not_allowed");
    CHECK(code("clinic-a", Method::put, "/v1/schemes", "{}") == "role_not_allowed");
    CHECK(code("clinic-a", Method::get, "/v1/eligibility") == "method_not_allowed");
    CHECK(code("clinic-a", Method::get, "/v1/nothing") == "not_found");
    CHECK(code("clinic-a", Method::post, "/v1/eligibility", "{") == "malformed_request");
    CHECK(code("clinic-a", Method::post, "/v1/eligibility",
               R"({"card_token":"a.b.c","setting":"outpatient"})") == "token_invalid");
    CHECK(code("clinic-a", Method::post, "/v1/eligibility", std::string(70'000, ' ')) ==
          "body_too_large");
    CHECK(code("authority-132012", Method::get, "/v1/publications/01ARZ3NDEKTSV4RRFFQ69G5FAV") ==
          "not_found");
    CHECK_THROWS(gateway.call("clinic-revoked", Method::get, "/v1/authorities"));
}

TEST_CASE_METHOD(Hachioji, "everybody's receipt opens the part of the entry that is theirs") {
    const auto answer = body(gateway.ask("clinic-a", child, {{"Prefer", "receipt"}}));
    const std::string path =
        "/v1/receipts/" + std::to_string(answer["evidence"]["index"].get<int>());
    const auto opened = [&](const std::string& receipt) {
        const auto verified = audit::verify_receipt(receipt, gateway.vkey());
        REQUIRE(verified);
        return verified->entry;
    };
    const auto fetched = [&](const std::string& who) {
        return opened(gateway.call(who, Method::get, path).body);
    };
    using audit::Opened;
    const auto clinic = opened(answer["evidence"]["receipt"]);
    CHECK(clinic.opened == Opened::asker);
    CHECK(clinic.detail == fetched("clinic-a").detail);
    CHECK(clinic.detail.asker.contains(answer["answer_id"].get<std::string>()));
    const auto authority = fetched("authority-132012");
    CHECK(authority.opened == Opened::authority);
    REQUIRE(authority.detail.authorities.size() == 1);
    CHECK(authority.detail.authorities[0].contains("1234566"));
    const auto auditor = fetched("auditor-a");
    CHECK(auditor.opened == Opened::all);
    CHECK(auditor.detail.asker == clinic.detail.asker);
    CHECK(auditor.detail.authorities == authority.detail.authorities);
    CHECK(auditor.detail.rest.contains("subject"));
}

TEST_CASE_METHOD(Hachioji, "a person under protection is answered and logged like anyone else") {
    const identity::DemoCard hidden = test::person();
    std::string row = test::csv_row(hidden, "h-2", "7654321");
    row.replace(row.find(",0,2016-05-01"), 2, ",1");  // not_disclosed
    gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566") + row);

    // What a clinic holds of somebody, with what is theirs alone made equal.
    const auto held = [&](const identity::DemoCard& card, const std::string& number) {
        Json answer = body(gateway.ask("clinic-a", card, {{"Prefer", "receipt"}}));
        const std::string text = answer["evidence"]["receipt"];
        const auto entry = audit::verify_receipt(text, gateway.vkey())->entry;
        CHECK(answer["subsidies"][0]["claim"]["recipient_number"] == number);
        answer["subsidies"][0]["claim"]["recipient_number"] = "";
        for (const char* member : {"answer_id", "content_hash", "evidence", "last_changed"})
            answer[member] = "";
        for (Json& authority : answer["authorities"])
            authority["ms"] = 0;
        answer["subsidies"][0]["freshness"] = "";
        Json asker = parse_json(entry.detail.asker).value();
        for (const char* member : {"answer_id", "answer", "request_id"})
            asker[member] = asker[member].get<std::string>().size();
        return Json{{"answer", answer},
                    {"opened", static_cast<int>(entry.opened)},
                    {"asker", asker},
                    {"extra bytes", audit::parse_receipt(text)->extra.size()}}
            .dump();
    };
    CHECK(held(hidden, "7654321") == held(child, "1234566"));
}

TEST_CASE_METHOD(Hachioji, "what never was a whole request is an entry of the log as well") {
    const auto index = [&] {
        return body(gateway.ask("clinic-a", child))["evidence"]["index"].get<int>();
    };
    const int before = index();
    REQUIRE(gateway.call("clinic-a", Method::post, "/v1/eligibility", std::string(70'000, ' '))
                .status == 413);
    CHECK(index() == before + 2);
}

TEST_CASE("an answer too long to be logged whole is not given, and is no no") {
    GatewayFixture gateway;
    gateway.start();
    const identity::DemoCard child = test::person();
    std::string institutions;
    for (int i = 0; i < 60; ++i)
        institutions += i == 0 ? "1312012342" : ";1312012342";
    std::string conditions;
    for (int i = 0; i < 30; ++i)
        conditions += fmt::format("{}{}-{}", i == 0 ? "" : ";", std::string(20, 'a'), i);
    std::string csv = test::csv_header();
    for (int i = 0; i < 32; ++i)
        csv += fmt::format(
            "h-{},T1,{},maru-ko,88131248,1234566,マル子医療証,,,{},{},0,,2020-04-01,"
            "2030-03-31,0,{},0\n",
            i, test::link_key_text(child), conditions, institutions, child.birth_date.iso());
    gateway.publish_hachioji(csv);
    const auto answer = body(gateway.ask("clinic-a", child));
    CHECK(answer["outcome"] == "unknown");
    CHECK(answer["reason"] == "SOURCE_UNAVAILABLE");
    CHECK(gateway.verify_log().exit_code == 0);
}

TEST_CASE("the ops port says whether it lives, is ready, and what it counted") {
    GatewayFixture gateway;
    gateway.start();
    CHECK(gateway.ops("/livez").status == 200);
    CHECK(gateway.ops("/readyz").status == 200);
    const auto metrics = gateway.ops("/metrics");
    CHECK(metrics.status == 200);
    CHECK(metrics.body.find("# TYPE") != std::string::npos);
    CHECK(gateway.ops("/v1/eligibility").status == 404);
    CHECK(gateway.terminate() == 0);
}

TEST_CASE("a bad configuration on SIGHUP keeps the old one and says why") {
    GatewayFixture gateway;
    gateway.start();
    std::ofstream(gateway.folder() / "shikaku.toml", std::ios::app) << "\n[unknown]\nx = 1\n";
    gateway.process().signal(SIGHUP);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (gateway.process_log().find("reload refused") == std::string::npos &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    CHECK(gateway.process_log().find("reload refused") != std::string::npos);
    CHECK(gateway.call("clinic-a", Method::get, "/v1/authorities").status == 200);
}

}  // namespace
