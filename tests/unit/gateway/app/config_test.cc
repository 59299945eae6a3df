#include "gateway/app/config.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "adapters/rest/rest_settings.h"

namespace {

using namespace shikaku;

const adapters::rest::RestSettings& rest_settings(const app::AuthorityConfig& authority) {
    return dynamic_cast<const adapters::rest::RestSettings&>(*authority.settings);
}

const std::string kGood = R"(
[server]
listen = "127.0.0.1:9000"
threads = 2
certificate = "server.crt"
key = "server.key"
client_ca = "/etc/shikaku/ca.crt"
[ops]
listen = "127.0.0.1:9001"
[data]
directory = "data"
[keys]
ring = "keyring.json"
log_signer = "log-signer.key"
[log]
origin = "shikaku.example/log"
level = "warn"
[identity]
audience = "shikaku"
linkage_check = "abcdefghijklmnop"
withdrawn = ["institution:1312345676"]
[[issuer]]
name = "https://card-issuer.shikaku.example"
jwks = "card-issuer.jwks.json"
[[authority]]
code = "132012"
adapter = "published"
since = "2026-04-01"
published_up_to_days = 10
[[authority]]
code = "130001"
adapter = "rest"
url = "https://127.0.0.1:9100"
certificate = "gateway.crt"
key = "gateway.key"
ca = "ca.crt"
fresh_for_s = 60
pause_after_failures = 7
[local_order]
"13" = ["80", "81"]
[limits.institution]
per_minute = 1200
[limits.emergency]
per_minute = 30
burst = 7
[limits.network_handshakes]
per_minute = 0
[limits.client_handshakes]
burst = 9
)";

Result<app::Config> load(const std::string& text) {
    const auto file = std::filesystem::temp_directory_path() / "shikaku-config-test.toml";
    std::ofstream(file) << text;
    auto config = app::load_config(file);
    std::filesystem::remove(file);
    return config;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

TEST_CASE("a whole configuration is read, relative paths from its folder") {
    const auto config = load(kGood);
    REQUIRE(config.has_value());
    CHECK(config->api.port == 9000);
    CHECK(config->threads == 2);
    CHECK(config->tls.ca == "/etc/shikaku/ca.crt");
    CHECK(config->data == std::filesystem::temp_directory_path() / "data");
    CHECK(config->tls.crl.empty());
    REQUIRE(config->authorities.size() == 2);
    CHECK(rest_settings(config->authorities[1]).config.path == "/subsidies/lookup");
    CHECK(config->authorities[1].policy.fresh_for == std::chrono::seconds(60));
    CHECK(config->linkage == domain::LinkageCheck::parse("abcdefghijklmnop"));
    CHECK(config->authorities[0].policy.published_up_to == std::chrono::days(10));
    CHECK(config->authorities[1].policy.published_up_to == std::chrono::days(45));
    CHECK(config->authorities[0].policy.pause_after == 5);
    CHECK(config->authorities[1].policy.pause_after == 7);
    CHECK(app::describe(*config).find("pause_after_failures = 7\n") != std::string::npos);
    CHECK(app::describe(*config).find("published_up_to_days = 10\n") != std::string::npos);
    CHECK(config->rates.institution ==
          api::Rate{.per_minute = 1200, .burst = api::Rates().institution.burst});
    CHECK(config->rates.emergency == api::Rate{.per_minute = 30, .burst = 7});
    CHECK(config->rates.auditor == api::Rates().auditor);
    for (const char* printed : {"[limits.institution]\nper_minute = 1200\nburst = 5000\n",
                                "[limits.emergency]\nper_minute = 30\nburst = 7\n",
                                "[limits.forged]\nper_minute = 20\nburst = 20\n",
                                "[limits.network_handshakes]\nper_minute = 0\nburst = 10000\n",
                                "[limits.client_handshakes]\nper_minute = 3000\nburst = 9\n"})
        CHECK(app::describe(*config).find(printed) != std::string::npos);
    CHECK(config->local_order.at("13") == std::vector<std::string>{"80", "81"});
}

TEST_CASE("the log's anchor lies beside the data directory, or where it is said") {
    const auto folder = std::filesystem::temp_directory_path();
    const auto anchor_of = [](const std::string& text) {
        const auto config = load(text);
        if (!config) FAIL(config.error().detail);
        return config->log_anchor;
    };
    CHECK(anchor_of(kGood) == folder / "data.anchor");
    CHECK(anchor_of(replaced(kGood, "directory = \"data\"", "directory = \"/srv/data/\"")) ==
          "/srv/data.anchor");
    CHECK(anchor_of(replaced(kGood, "level = \"warn\"", "anchor = \"/mnt/other/log.anchor\"")) ==
          "/mnt/other/log.anchor");
    CHECK(anchor_of(replaced(kGood, "level = \"warn\"", "anchor = \"other/log.anchor\"")) ==
          folder / "other/log.anchor");
}

TEST_CASE("withdrawn takes only what can be somebody, and is printed") {
    const std::string line = "withdrawn = [\"institution:1312345676\"]";
    const auto good = load(
        replaced(kGood, line,
                 "withdrawn = [\"operator:b\", \"institution:1312345676\", \"authority:132012\"]"));
    REQUIRE(good);
    CHECK(app::describe(*good).find("withdrawn = [\"authority:132012\", "
                                    "\"institution:1312345676\", \"operator:b\"]\n") !=
          std::string::npos);
    for (const char* bad :
         {"", "1312345676", "institution:1310000001", "institution:131234567",
          "institution:", "Institution:1312345676", "institution: 1312345676",
          "institution:1312345676 ", "urn:shikaku:institution:1312345676", "clinic:1312345676",
          "authority:132013", "authority:*", "auditor:A", "auditor:a b", "*", "certificate:00ff"}) {
        INFO(bad);
        const auto config =
            load(replaced(kGood, line, "withdrawn = [\"" + std::string(bad) + "\"]"));
        REQUIRE_FALSE(config);
        CHECK(config.error().detail.find("[identity] withdrawn: \"" + std::string(bad) +
                                         "\" can be nobody's") != std::string::npos);
    }
}

TEST_CASE("what should not stay so is warned of") {
    const auto warned = [](const std::string& text) {
        const auto config = load(text);
        if (!config) FAIL(config.error().detail);
        std::string all;
        for (const std::string& line : app::warnings(*config))
            all += line + "\n";
        return all;
    };
    const std::string crl = "client_ca = \"/etc/shikaku/ca.crt\"\n";
    const std::string quiet = replaced(kGood, crl, crl + "crl = \"crl.pem\"\n");
    CHECK(warned(quiet).empty());
    CHECK(warned(kGood).find("no crl") != std::string::npos);
    CHECK(warned(replaced(quiet, "per_minute = 1200", "per_minute = 1200\nburst = 999"))
              .find("[limits.institution]") != std::string::npos);
    CHECK(warned(replaced(quiet, "per_minute = 1200", "per_minute = 1200\nburst = 1000")).empty());
    CHECK(warned(replaced(quiet, "127.0.0.1:9001", "::1:9001")).find("outside") ==
          std::string::npos);
    for (const char* address : {"0.0.0.0:9001", "10.0.0.1:9001", "localhost:9001"}) {
        INFO(address);
        CHECK(warned(replaced(quiet, "127.0.0.1:9001", address)).find("outside this machine") !=
              std::string::npos);
    }
    const std::string plain =
        replaced(replaced(quiet, "https://127.0.0.1:9100", "http://127.0.0.1:9100"),
                 "fresh_for_s = 60", "plain_http_for_tests_only = true");
    CHECK(warned(plain).find("130001 plain_http_for_tests_only") != std::string::npos);
}

TEST_CASE("bad configurations are refused with the key and what is wrong") {
    struct Row {
        std::string text;
        std::string says;
    };
    const std::vector<Row> rows = {
        {"", "[data] directory: is missing"},
        {"[server", ":1:"},
        {replaced(kGood, "listen = \"127.0.0.1:9000\"", "listten = \"127.0.0.1:9000\""),
         "listten: unknown key; did you mean \"listen\"?"},
        {replaced(kGood, "127.0.0.1:9000", "127.0.0.1"), "must be \"address:port\""},
        {replaced(kGood, "127.0.0.1:9000", "127.0.0.1:99999"), "must be \"address:port\""},
        {replaced(kGood, "127.0.0.1:9000", "127.0.0.1:90x"), "must be \"address:port\""},
        {replaced(kGood, "threads = 2", "threads = -1"), "must be a whole number from 0 to 256"},
        {replaced(kGood, "threads = 2", "threads = \"2\""), "must be a whole number"},
        {replaced(kGood, "key = \"server.key\"", ""), "[server] key: is missing"},
        {replaced(kGood, "origin = \"shikaku.example/log\"", "origin = 1"), "must be a string"},
        {replaced(kGood, "level = \"warn\"", "anchor = \"data/log.anchor\""),
         "must lie outside [data] directory"},
        {replaced(kGood, "level = \"warn\"", "anchor = \"other/../data/x/log.anchor\""),
         "must lie outside [data] directory"},
        {replaced(kGood, "[[issuer]]", "[[isuer]]"), "at least one card issuer"},
        {replaced(kGood, "[[issuer]]", "[[isuer]]"), "did you mean \"issuer\"?"},
        {replaced(kGood, "\"132012\"", "\"132013\""), "right check digit"},
        {replaced(kGood, "\"132012\"", "\"130001\""), "stands here twice"},
        {replaced(kGood, "\"published\"", "\"magic\""), "must be \"published\" or \"rest\""},
        {replaced(kGood, "2026-04-01", "2026-04-31"), "must be a date"},
        {replaced(kGood, "url = \"https://127.0.0.1:9100\"", ""), "url: is missing"},
        {replaced(kGood, "fresh_for_s = 60", "fresh_for_s = -5"), "must be a whole number"},
        {replaced(kGood, "abcdefghijklmnop", "abcdefghijklmnoq"), "linkage_check"},
        {replaced(kGood, "up_to_days = 10", "up_to_days = 0"), "must be a whole number"},
        {replaced(kGood, "[\"80\", \"81\"]", "[80]"), "must be a list of strings"},
        {replaced(kGood, "limits.emergency", "limits.emergencies"),
         "[limits] emergencies: unknown key; did you mean \"emergency\"?"},
        {replaced(kGood, "burst = 7", "burst = 0"), "[limits.emergency] burst: must be a whole"},
        {replaced(kGood, "burst = 7", "brust = 7"), "did you mean \"burst\"?"},
        {replaced(kGood, "per_minute = 1200", "per_minute = -1"), "must be a whole number from 0"},
        {replaced(kGood, "[limits.institution]\nper_minute = 1200", "[limits]\ninstitution = 5"),
         "must be a table"},
        {replaced(kGood, "withdrawn = [\"institution:1312345676\"]", "withdrawn = \"all\""),
         "must be a list of strings"},
        {replaced(kGood, "https://127.0.0.1:9100", "http://127.0.0.1:9100"),
         "[[authority]] 2 url: must begin with https://"},
        {replaced(kGood, "fresh_for_s = 60", "plain_http_for_tests_only = 1"),
         "must be true or false"},
        {replaced(kGood, "since = \"2026-04-01\"", "plain_http_for_tests_only = true"),
         "plain_http_for_tests_only: unknown key"},
    };
    for (const Row& row : rows) {
        const auto config = load(row.text);
        REQUIRE_FALSE(config.has_value());
        CHECK(config.error().code == ErrorCode::bad_configuration);
        INFO(config.error().detail);
        CHECK(config.error().detail.find(row.says) != std::string::npos);
    }
    CHECK_FALSE(app::load_config("/nonexistent/shikaku.toml").has_value());
}

}  // namespace
