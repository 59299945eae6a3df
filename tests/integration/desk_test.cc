// shikaku-desk as a reception's software runs it: exit code and first line for every kind of
// answer.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using test::GatewayFixture;

std::string first_line(const test::Finished& finished) {
    return finished.output.substr(0, finished.output.find('\n'));
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

struct Reception {
    GatewayFixture gateway;
    identity::DemoCard child = test::person();

    Reception() {
        gateway.start();
        gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
    }
    std::string write(const std::string& name, const std::string& text) const {
        const auto file = gateway.folder() / name;
        std::ofstream(file) << text;
        return file;
    }
    test::Finished desk(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), test::program("shikaku-desk"));
        for (const std::string& option :
             {std::string("--url"), gateway.url(), std::string("--ca"),
              (test::certs() / "ca.crt").string(), std::string("--as"), std::string("clinic-a")})
            arguments.push_back(option);
        return test::run(arguments, {"SHIKAKU_CERTS=" + test::certs().string()});
    }
    test::Finished check(const identity::DemoCard& card, std::vector<std::string> more = {}) const {
        more.insert(more.begin(),
                    {"check", "--token", write("token", gateway.token("clinic-a", card))});
        return desk(std::move(more));
    }
};

TEST_CASE_METHOD(Reception, "check says yes, no or not known, and its exit code says the same") {
    const auto yes = check(child);
    INFO(yes.output);
    CHECK(yes.exit_code == 0);
    CHECK(first_line(yes) == "○ 使えます / May be used  [ACTIVE]");

    const auto no = check(test::person());
    INFO(no.output);
    CHECK(no.exit_code == 1);
    CHECK(first_line(no) == "× 使えません / Cannot be used  [NO_RECORD]");

    identity::DemoCard elsewhere = test::person();
    elsewhere.residence = domain::AuthorityCode::parse("132047");
    const auto unknown = check(elsewhere);
    INFO(unknown.output);
    CHECK(unknown.exit_code == 3);
    CHECK(first_line(unknown) == "？ 確認できません / Not known  [NOT_CONNECTED]");
    CHECK(has(unknown.output, "次に / Next"));

    SECTION("an answer that did not change is no yes by itself") {
        const auto hash = [](const test::Finished& finished) {
            return parse_json(finished.output)->at("content_hash").get<std::string>();
        };
        const auto again = check(elsewhere, {"--known", hash(check(elsewhere, {"--json"}))});
        CHECK(again.exit_code == 3);
        CHECK(has(first_line(again), "Unchanged"));
    }
    SECTION("a token that is not accepted, or wrong use, is no answer about the patient") {
        const std::string token = write("bad", "a.b.c");
        const auto refused = desk({"check", "--token", token});
        CHECK(refused.exit_code == 3);
        CHECK(has(first_line(refused), "token_invalid"));
        CHECK(check(child, {"--setting", "nowhere"}).exit_code == 2);
        CHECK(desk({"check", "--token", "/nowhere/token"}).exit_code == 2);
        CHECK(desk({"check", "--no-such-option"}).exit_code == 2);
    }
    SECTION("a gateway that is not there is not known either") {
        REQUIRE(gateway.terminate() == 0);
        const auto nobody = check(child);
        INFO(nobody.output);
        CHECK(nobody.exit_code == 3);
        CHECK(has(first_line(nobody), "gateway_unreachable"));
        CHECK(desk({"batch", write("one", GatewayFixture::question("a.b.c"))}).exit_code == 3);
    }
}

TEST_CASE_METHOD(Reception, "a batch is 0 when all is answered, whatever the answers") {
    std::string questions;
    for (const identity::DemoCard& card : {child, test::person()})
        questions += GatewayFixture::question(gateway.token("clinic-a", card)) + "\n";
    const auto answered = desk({"batch", write("questions", questions)});
    INFO(answered.output);
    CHECK(answered.exit_code == 0);
    CHECK(has(answered.output, "1 of 2 may be used, 0 not known, 0 refused"));

    const auto refused = desk({"batch", write("questions", GatewayFixture::question("a.b.c"))});
    CHECK(refused.exit_code == 1);
    CHECK(has(refused.output, "token_invalid"));
}

TEST_CASE_METHOD(Reception, "a long batch says how far it is and answers every line in order") {
    std::string questions;
    for (int line = 0; line < 101; ++line)
        questions += GatewayFixture::question(line == 100 ? gateway.token("clinic-a", child)
                                                          : std::string("a.b.c")) +
                     "\n";
    const auto finished = desk({"batch", write("questions", questions)});
    CHECK(finished.exit_code == 1);
    CHECK(has(finished.output, "90%  100行 / rows\n100%  101行 / rows\n"));
    CHECK(has(finished.output, "── 101\n○ 使えます"));
}

TEST_CASE_METHOD(Reception, "a batch asks about the date that a card suggests, as check does") {
    identity::DemoCard card = child;
    card.question = {{"service_date", "2019-01-01"}};
    const std::string file = write("card.json", identity::to_json(card));
    const auto batch = desk({"batch", "--card", file});
    CHECK(batch.exit_code == 1);
    CHECK(has(batch.output, "service_date lies more than 2 years back"));
    CHECK(desk({"check", "--card", file}).exit_code == 2);
}

}  // namespace
