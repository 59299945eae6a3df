// Who gets in, and how a refusal reads, at the real program: reloads with bad files, refused
// bodies, disguised fields, warnings.
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "gateway/audit/receipt.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using http::Method;
using test::GatewayFixture;
namespace fs = std::filesystem;

// A gateway whose CRL is a file of its own.
struct OwnCrl {
    GatewayFixture gateway;
    fs::path crl = gateway.folder() / "crl.pem";

    OwnCrl() {
        fs::copy_file(test::certs() / "crl.pem", crl);
        replace((test::certs() / "crl.pem").string(), crl.string());
        gateway.start();
    }
    void replace(const std::string& what, const std::string& by) const {
        const fs::path file = gateway.folder() / "shikaku.toml";
        std::string text = *read_file(file);
        const auto at = text.find(what);
        REQUIRE(at != std::string::npos);
        text.replace(at, what.size(), by);
        std::ofstream(file, std::ios::trunc) << text;
    }
    // Sends HUP and waits for what the process log says of it, so many times in all.
    void reload(const std::string& expected, int times = 1) {
        gateway.process().signal(SIGHUP);
        const auto count = [&] {
            const std::string log = gateway.process_log();
            int found = 0;
            for (auto at = log.find(expected); at != std::string::npos;
                 at = log.find(expected, at + 1))
                ++found;
            return found;
        };
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (count() < times && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        REQUIRE(count() == times);
    }
};

bool contains(const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

TEST_CASE_METHOD(OwnCrl, "a HUP with another CA's CRL keeps the old trust and says so") {
    const auto works = [&] {
        return gateway.call("clinic-a", Method::get, "/v1/authorities").status == 200;
    };
    REQUIRE(works());
    const fs::path other = gateway.folder() / "other-pki";
    REQUIRE(
        test::run({"bash", fs::path(SHIKAKU_SOURCE_DIR) / "certs" / "make.sh", other}).exit_code ==
        0);
    fs::copy_file(other / "crl.pem", crl, fs::copy_options::overwrite_existing);
    reload("reload refused");
    contains(gateway.process_log(), "its authority key identifier fits no key");
    CHECK(works());
    CHECK(gateway.ops("/readyz").status == 200);
    const std::string refused = gateway.ops("/metrics").body;
    contains(refused, "shikaku_reloads_total{result=\"refused\"} 1");
    contains(refused, "shikaku_last_reload_ok 0");

    fs::copy_file(test::certs() / "crl.pem", crl, fs::copy_options::overwrite_existing);
    reload("\"reloaded\"");
    CHECK(works());
    const std::string taken = gateway.ops("/metrics").body;
    contains(taken, "shikaku_reloads_total{result=\"ok\"} 1");
    contains(taken, "shikaku_last_reload_ok 1");
    for (const char* what : {"server_certificate", "client_ca", "client_crl"})
        contains(taken, "shikaku_expiry_days{number=\"1\",what=\"" + std::string(what) + "\"} 3");
    contains(taken, "shikaku_issuer_keys{state=\"usable\"} 5");
}

TEST_CASE_METHOD(OwnCrl, "one unusable key of an issuer is told, the others are used") {
    const fs::path jwks = gateway.folder() / "jwks.json";
    Json keys = *parse_json(*read_file(test::certs() / "card-issuer.jwks.json"));
    for (Json& key : keys["keys"]) {
        if (key["kid"] == "card-issuer-eddsa") key["x"] = std::string(43, 'A');  // of small order
    }
    REQUIRE(write_file(jwks, keys.dump()));
    replace((test::certs() / "card-issuer.jwks.json").string(), jwks.string());
    reload("\"reloaded\"");
    contains(gateway.process_log(), "card-issuer-eddsa");
    contains(gateway.process_log(), "a key of a card issuer is left out");
    // Who is believed from now on, and who is not, is in the log.
    const auto entry = [&](int index) {
        const auto receipt =
            gateway.call("auditor-a", Method::get, "/v1/receipts/" + std::to_string(index));
        REQUIRE(receipt.status == 200);
        const auto verified = audit::verify_receipt(receipt.body, gateway.vkey());
        REQUIRE(verified);
        return *parse_json(verified->entry.detail.only());
    };
    const Json told = entry(1);
    CHECK(told["kind"] == "operator_action");
    CHECK(told["action"] == "reload");
    CHECK(told["added"] == Json::array());
    REQUIRE(told["removed"].size() == 1);
    CHECK(told["removed"][0].get<std::string>().starts_with("issuer_key "));
    CHECK(told["believed"] != entry(0)["believed"]);
    const std::string metrics = gateway.ops("/metrics").body;
    contains(metrics, "shikaku_issuer_keys{state=\"usable\"} 4");
    contains(metrics, "shikaku_issuer_keys{state=\"unusable\"} 1");
    CHECK(gateway.ask("clinic-a", test::person()).status == 200);
    const auto checked = test::run({test::program("shikaku"), "check", "--config",
                                    (gateway.folder() / "shikaku.toml").string()});
    CHECK(checked.exit_code == 0);
    contains(checked.output, "unusable key");
}

TEST_CASE_METHOD(OwnCrl, "a start without a CRL is warned of, and check prints who is withdrawn") {
    replace("crl = \"" + crl.string() + "\"\n", "");
    replace("[[issuer]]", "[identity]\nwithdrawn = [\"institution:1312345676\"]\n[[issuer]]");
    reload("\"reloaded\"");
    contains(gateway.process_log(), "no crl: revoked");
    CHECK(gateway.call("clinic-a", Method::get, "/v1/authorities").status == 403);
    const auto checked = test::run({test::program("shikaku"), "check", "--config",
                                    (gateway.folder() / "shikaku.toml").string()});
    CHECK(checked.exit_code == 0);
    contains(checked.output, "withdrawn = [\"institution:1312345676\"]");
    contains(checked.output, "# 注意 / warning: [server] crl");
}

TEST_CASE_METHOD(OwnCrl, "a broken pipe does not end the program") {
    gateway.process().signal(SIGPIPE);
    CHECK(gateway.ops("/readyz").status == 200);
    CHECK(gateway.terminate() == 0);
}

TEST_CASE_METHOD(OwnCrl, "refusals at the edge: each has its own reason") {
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    struct Row {
        const char* what;
        const char* who;
        Method method;
        const char* target;
        std::string body;
        std::vector<http::Header> headers;
        int status;
        const char* code;
    };
    const std::string long_body(300'000, ' ');
    const std::vector<Row> rows = {
        {"a clinic with a long pack",
         "clinic-a",
         Method::put,
         "/v1/schemes",
         long_body,
         {},
         403,
         "role_not_allowed"},
        {"a long body where there is nothing",
         "clinic-a",
         Method::post,
         "/v1/none",
         long_body,
         {},
         404,
         "not_found"},
        {"a long body for another method",
         "clinic-a",
         Method::put,
         "/v1/eligibility",
         long_body,
         {},
         405,
         "method_not_allowed"},
        {"an admitted caller's long body",
         "clinic-a",
         Method::post,
         "/v1/eligibility",
         long_body,
         {},
         413,
         "body_too_large"},
        {"gzip",
         "clinic-a",
         Method::post,
         "/v1/eligibility",
         "x",
         {{"Content-Encoding", "gzip"}},
         415,
         "unsupported_media_type"},
        {"gzip, in a long body",
         "authority-132012",
         Method::put,
         "/v1/schemes",
         std::string(700'000, 'x'),
         {{"content-encoding", "GZIP"}},
         415,
         "unsupported_media_type"},
        {"a coding behind another",
         "clinic-a",
         Method::post,
         "/v1/eligibility",
         "x",
         {{"Content-Encoding", "identity"}, {"Content-Encoding", "br"}},
         415,
         "unsupported_media_type"},
        {"gzip of who may not",
         "clinic-a",
         Method::put,
         "/v1/schemes",
         "x",
         {{"Content-Encoding", "gzip"}},
         403,
         "role_not_allowed"},
        {"identity",
         "clinic-a",
         Method::post,
         "/v1/eligibility",
         "{",
         {{"Content-Encoding", "identity"}},
         400,
         "malformed_request"},
        {"a framing field in disguise",
         "clinic-a",
         Method::post,
         "/v1/eligibility",
         "{}",
         {{"Content_Length", "0"}},
         400,
         "malformed_request"},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        auto headers = row.headers;
        headers.push_back({"traceparent", trace});
        const auto answer = gateway.call(row.who, row.method, row.target, row.body, headers);
        CHECK(answer.status == row.status);
        const auto problem = parse_json(answer.body);
        REQUIRE(problem);
        CHECK(problem->value("code", "") == row.code);
        if (row.status != 400) CHECK(answer.header("traceparent") == trace);
    }
    const auto bad_trace =
        gateway.call("clinic-a", Method::get, "/v1/authorities", {}, {{"traceparent", "00-00-x"}});
    CHECK(bad_trace.status == 200);
    CHECK(bad_trace.header("traceparent").size() == trace.size());
}

TEST_CASE_METHOD(OwnCrl, "a refused pack is a problem, and is logged as refusals are") {
    const auto denials = [&] {
        const std::string metrics = gateway.ops("/metrics").body;
        constexpr std::string_view kName = "\nshikaku_denials_total ";
        const auto at = metrics.find(kName);
        return at == std::string::npos ? 0.0 : std::stod(metrics.substr(at + kName.size()));
    };
    const double before = denials();
    const auto refused =
        gateway.call("authority-132012", Method::put, "/v1/schemes", R"({"format":"nonsense"})");
    CHECK(refused.status == 422);
    CHECK(refused.header("Content-Type") == "application/problem+json");
    const auto problem = parse_json(refused.body);
    REQUIRE(problem);
    CHECK(problem->at("code") == "unprocessable");
    REQUIRE_FALSE(problem->at("problems").empty());
    CHECK_FALSE(problem->at("problems")[0].at("message").at("ja").get<std::string>().empty());
    CHECK(problem->contains("advice"));
    CHECK(denials() == before + 1);
    REQUIRE(gateway.terminate() == 0);
    CHECK(gateway.verify_log().exit_code == 0);
}

}  // namespace
