// Checkups with the real programs: a municipality's file and pack, a desk with and without the
// consent of the patient, an auditor, and a gateway that is killed in between.
#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using test::GatewayFixture;

constexpr const char* kPack = SHIKAKU_SOURCE_DIR "/municipal-mocks/checkups/132012.json";

struct Municipality {
    GatewayFixture gateway;
    identity::DemoCard patient = test::person("1968-05-01");

    Municipality() {
        gateway.start();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(patient, "h-1", "1234566"));
        patient.consent_checkups = true;
    }
    std::string write(const std::string& name, const std::string& text) const {
        const auto file = gateway.folder() / name;
        std::ofstream(file) << text;
        return file;
    }
    test::Finished run(const std::string& program, std::vector<std::string> arguments,
                       const std::string& as) const {
        arguments.insert(arguments.begin(), test::program(program));
        for (const std::string& option :
             {std::string("--url"), gateway.url(), std::string("--ca"),
              (test::certs() / "ca.crt").string(), std::string("--as"), as})
            arguments.push_back(option);
        return test::run(arguments, {"SHIKAKU_CERTS=" + test::certs().string()});
    }
    test::Finished publish(std::vector<std::string> arguments) const {
        return run("shikaku-publish", std::move(arguments), "authority-132012");
    }
    test::Finished desk(const identity::DemoCard& card, std::vector<std::string> more = {}) const {
        more.insert(more.begin(),
                    {"checkups", "--token", write("token", gateway.token("clinic-a", card))});
        return run("shikaku-desk", std::move(more), "clinic-a");
    }
    // With the 12 digits, as a municipality has them: shikaku-publish replaces them.
    std::string file_of_checkups() const {
        return write(
            "checkups.csv",
            "履歴キー,個人番号,検診ID,年度,受診期間開始日,受診期間終了日,受診券番号,自己負担額,"
            "受診日,結果項目,総合判定,要精密検査\n"
            "c-1," +
                patient.personal_number +
                ",colorectal,2026,2026-04-01,2099-03-31,26-1,500,,,,\n"
                "c-2," +
                patient.personal_number + ",lung,R8,,,,,R8.7.1,xray:E1;smoking:600:H,recall,1\n");
    }
};

bool has(const test::Finished& finished, std::string_view part) {
    return finished.output.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(Municipality,
                 "checkups from a municipality's file to a desk, and who may see them") {
    const auto before = desk(patient);
    INFO(before.output);
    CHECK(before.exit_code == 3);
    CHECK(has(before, "[NOT_CONNECTED]"));

    const auto checked = publish({"checkup-pack", kPack, "--check"});
    INFO(checked.output);
    REQUIRE(checked.exit_code == 0);
    const auto pack = publish({"checkup-pack", kPack});
    INFO(pack.output);
    REQUIRE(pack.exit_code == 0);
    const auto sent = publish(
        {"checkups", file_of_checkups(), "--linkage", (test::certs() / "linkage.secret").string()});
    INFO(sent.output);
    REQUIRE(sent.exit_code == 0);

    const auto found = desk(patient);
    INFO(found.output);
    CHECK(found.exit_code == 0);
    CHECK(has(found, "[FOUND]"));
    CHECK(has(found, "大腸がん検診"));
    CHECK(has(found, "500円"));
    CHECK(has(found, "要精密検査"));
    CHECK(has(found, "本・年"));

    // Consent for subsidies is none for checkups.
    auto refused = patient;
    refused.consent_checkups = false;
    const auto without = desk(refused);
    INFO(without.output);
    CHECK(without.exit_code == 3);
    CHECK(has(without, "[CONSENT_REFUSED]"));
    CHECK_FALSE(has(without, "大腸"));

    // Nobody else's: a person of whom nothing is published.
    auto other = test::person("1970-01-01");
    other.consent_checkups = true;
    const auto none = desk(other);
    INFO(none.output);
    CHECK(none.exit_code == 1);
    CHECK(has(none, "[NO_RECORD]"));

    // Killed and started again, everything is as it was, and the log holds.
    gateway.kill9();
    gateway.start();
    const auto again = desk(patient, {"--json"});
    INFO(again.output);
    const auto answer = parse_json(again.output.substr(0, again.output.find('\n')));
    REQUIRE(answer);
    CHECK((*answer)["outcome"] == "found");
    const auto verified = gateway.verify_log();
    INFO(verified.output);
    CHECK(verified.exit_code == 0);
    const auto replayed =
        run("shikaku-audit",
            {"replay", "--index", std::to_string((*answer)["evidence"]["index"].get<int>()),
             "--vkey", gateway.vkey()},
            "auditor-a");
    INFO(replayed.output);
    CHECK(replayed.exit_code == 0);
    CHECK(has(replayed, "○"));

    // No personal number and no result came into the process log.
    CHECK(gateway.process_log().find(patient.personal_number) == std::string::npos);
    CHECK(gateway.process_log().find("xray") == std::string::npos);
}

TEST_CASE_METHOD(Municipality, "what may not be asked or published about checkups is refused") {
    using enum http::Method;
    const auto status = [&](const std::string& as, http::Method method, const std::string& target,
                            std::string body, std::vector<http::Header> headers = {}) {
        return gateway.call(as, method, target, std::move(body), std::move(headers)).status;
    };
    const std::string token = gateway.token("clinic-a", patient);
    const std::string good = Json{{"card_token", token}}.dump();
    CHECK(status("authority-132012", post, "/v1/checkups", good) == 403);
    CHECK(status("auditor-a", post, "/v1/checkups", good) == 403);
    CHECK(status("clinic-b", post, "/v1/checkups", good) == 401);  // another's token
    CHECK(status("clinic-a", get, "/v1/checkups", "") == 405);
    CHECK(status("clinic-a", post, "/v1/checkups/batch", good) == 404);
    for (const std::string& bad :
         {std::string("{}"), std::string("[]"), std::string("{"), Json{{"card_token", 1}}.dump(),
          Json{{"card_token", token}, {"setting", "outpatient"}}.dump(),
          Json{{"card_token", token}, {"explain", true}}.dump(),
          Json{{"card_token", token}, {"service_date", "2026-02-30"}}.dump(),
          Json{{"card_token", token}, {"service_date", "2001-01-01"}}.dump(),
          Json{{"card_token", token}, {"priority", "now"}}.dump()}) {
        CAPTURE(bad);
        CHECK(status("clinic-a", post, "/v1/checkups", bad) == 400);
    }
    CHECK(status("clinic-a", post, "/v1/checkups", good) == 200);  // none of these used the token

    CHECK(status("clinic-a", put, "/v1/checkup-packs", "{}") == 403);
    CHECK(status("authority-132012", put, "/v1/checkup-packs", "{}") == 422);
    CHECK(status("authority-132012", put, "/v1/checkup-packs", "no") == 422);
    CHECK(status("clinic-a", get, "/v1/checkup-packs/132012/" + std::string(64, '0'), "") == 404);
    CHECK(gateway.upload("x", "full&records=pets").status == 400);
    // Without a checkup pack no checkups are taken, whatever schemes there are.
    CHECK(gateway.upload(test::csv_header(), "full&records=checkups").status == 409);
}
