// Starts that must not go on as if nothing were wrong: another key ring, a clock behind the log.
#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/audit/log.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using test::GatewayFixture;
namespace fs = std::filesystem;

struct Hachioji {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();

    Hachioji() {
        gateway.start();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
    }

    void replace_in_config(const std::string& what, const std::string& by) const {
        const fs::path file = gateway.folder() / "shikaku.toml";
        std::string text = *read_file(file);
        const auto at = text.find(what);
        REQUIRE(at != std::string::npos);
        text.replace(at, what.size(), by);
        std::ofstream(file, std::ios::trunc) << text;
    }
    [[nodiscard]] std::string refusal() {
        try {
            gateway.start();
        } catch (const std::exception& said) {
            return said.what();
        }
        return "it started";
    }
};

void check_contains(const std::string& text, std::string_view part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
}

TEST_CASE_METHOD(Hachioji, "with another key ring nothing starts, and the key is named") {
    REQUIRE(gateway.terminate() == 0);
    const fs::path ring = gateway.folder() / "other.json";
    const std::string own = (test::certs() / "keyring.json").string();
    Json keys = *parse_json(*read_file(own));
    const Json fresh = *parse_json(crypto::KeyRing::generate_json());
    replace_in_config(own, ring.string());
    const auto start_with = [&](std::string_view purpose) {
        Json mixed = keys;
        for (std::size_t i = 0; i < mixed["keys"].size(); ++i)
            if (mixed["keys"][i]["purpose"] == purpose)
                mixed["keys"][i]["secret"] = fresh["keys"][i]["secret"];
        REQUIRE(write_file(ring, mixed.dump(), 0600));
        return refusal();
    };
    for (const std::string purpose : {"registry", "audit", "token", "seal"}) {
        const std::string said = start_with(purpose);
        check_contains(said, "bad_key");
        check_contains(said, '"' + purpose);
        check_contains(said, purpose == "registry" ? "registry.db" : "log.db");
    }
    CHECK(start_with("cache") == "it started");  // only what can be asked again is lost
    CHECK(gateway.ask("clinic-a", child).status == 200);
    REQUIRE(gateway.terminate() == 0);
    replace_in_config(ring.string(), own);
    gateway.start();
    const auto answer = parse_json(gateway.ask("clinic-a", child).body);
    REQUIRE(answer);
    CHECK((*answer)["reason"] == "ACTIVE");
}

TEST_CASE_METHOD(GatewayFixture, "with another linkage secret at the edge nobody is unknown") {
    start();
    const auto child = test::person();
    const std::string rows = test::csv_header() + test::csv_row(child, "h-1", "1234566");
    publish_hachioji(rows);
    const std::string own(
        identity::LinkageSecret::load(test::certs() / "linkage.secret")->check_value().text());
    const auto state_of = [&](const std::string& check, const std::string& mode) {
        const auto response = upload(rows, mode, {{"X-Shikaku-Linkage-Check", check}});
        INFO(response.body);
        REQUIRE(response.status == 202);
        return parse_json(response.body)->at("state").get<std::string>();
    };
    REQUIRE(state_of("abcdefghijklmnop", "full") == "active");  // the first to tell one
    const auto stranger = *parse_json(ask("clinic-a", test::person()).body);
    CHECK(stranger["outcome"] == "unknown");
    CHECK(stranger["reason"] == "SOURCE_UNAVAILABLE");
    CHECK(stranger["warnings"][0]["code"] == "linkage_differs");
    CHECK(stranger["authorities"][0]["status"] == "unavailable");
    CHECK(state_of(own, "delta") == "rejected");
    CHECK(state_of(own, "full") == "held");
    CHECK(upload(rows, "full", {{"X-Shikaku-Linkage-Check", "1"}}).status == 400);

    REQUIRE(terminate() == 0);
    write_config("[identity]\nlinkage_check = \"abcdefghijklmnop\"\n");
    start();
    const auto refused = ask("clinic-a", child);
    CHECK(refused.status == 401);
    check_contains(refused.body, "linkage_check");
    CHECK(upload(rows, "full", {{"X-Shikaku-Linkage-Check", own}}).status == 422);
}

// What a gateway leaves whose clock was two hours ahead.
void append_ahead(const GatewayFixture& gateway) {
    const auto keys = crypto::KeyRing::load(test::certs() / "keyring.json");
    REQUIRE(keys);
    const auto signer =
        crypto::SigningKey::from_pem(*read_secret_file(test::certs() / "log-signer.key"));
    REQUIRE(signer);
    const ManualClock clock(SystemClock().now() + std::chrono::hours(2));
    auto log =
        audit::Log::open({.database = gateway.data() / "log.db", .origin = "shikaku.example/log"},
                         **keys, *signer, clock);
    REQUIRE(log);
    REQUIRE((*log)->append_and_wait(
        {.kind = audit::Kind::stop, .detail = {.rest = "{}"}, .token = {}}));
}

TEST_CASE_METHOD(Hachioji, "a clock behind the log answers nothing until it is said to be right") {
    REQUIRE(gateway.terminate() == 0);
    append_ahead(gateway);
    gateway.start();
    const auto ready = gateway.ops("/readyz");
    CHECK(ready.status == 503);
    check_contains(ready.body, "--clock-is-right");
    const auto refused = gateway.ask("clinic-a", child);
    CHECK(refused.status == 503);
    check_contains(refused.body, R"("code":"clock_unsure")");
    CHECK(refused.header("Retry-After") != "");
    CHECK(gateway.upload(test::csv_header(), "delta").status == 503);
    REQUIRE(gateway.ask("clinic-a", child).status == 503);
    const std::string log = gateway.process_log();
    const auto told = log.find("questions are refused");
    CHECK(told != std::string::npos);
    CHECK(log.find("questions are refused", told + 1) == std::string::npos);

    REQUIRE(gateway.terminate() == 0);
    gateway.start({"--clock-is-right"});
    CHECK(gateway.ops("/readyz").status == 200);
    const std::string token = gateway.token("clinic-a", child);
    const auto ask = [&](const std::string& setting) {
        return gateway
            .call("clinic-a", http::Method::post, "/v1/eligibility",
                  GatewayFixture::question(token, setting), {{"Content-Type", "application/json"}})
            .status;
    };
    CHECK(ask("outpatient") == 200);

    // Nobody is there to say it again; and what was used stays used.
    gateway.kill9();
    for (int restart = 0; restart < 2; ++restart) {
        gateway.start();
        CHECK(gateway.ops("/readyz").status == 200);
        CHECK(ask("pharmacy") == 401);
        REQUIRE(gateway.terminate() == 0);
    }
    // Where the log went on to a time that is later still, nobody has said anything.
    append_ahead(gateway);
    gateway.start();
    CHECK(gateway.ops("/readyz").status == 503);
}

}  // namespace
