#include "gateway/app/config.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace {

using namespace shikaku;

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
withdrawn = ["institution:1310000001"]
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
[local_order]
"13" = ["80", "81"]
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
    CHECK(config->authorities[1].path == "/subsidies/lookup");
    CHECK(config->authorities[1].policy.fresh_for == std::chrono::seconds(60));
    CHECK(config->linkage == domain::LinkageCheck::parse("abcdefghijklmnop"));
    CHECK(config->authorities[0].policy.published_up_to == std::chrono::days(10));
    CHECK(config->authorities[1].policy.published_up_to == std::chrono::days(45));
    CHECK(app::describe(*config).find("published_up_to_days = 10\n") != std::string::npos);
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
        {replaced(kGood, "withdrawn = [\"institution:1310000001\"]", "withdrawn = \"all\""),
         "must be a list of strings"},
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
