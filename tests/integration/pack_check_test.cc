// shikaku-publish schemes --check as a reviewer runs it: no gateway, no certificate.
#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/support/file.h"
#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace shikaku;

const std::string kHachioji =
    std::filesystem::path(SHIKAKU_SOURCE_DIR) / "municipal-mocks" / "schemes" / "132012.json";

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

test::Finished check(const std::string& file, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {test::program("shikaku-publish"), "schemes", file, "--check"});
    return test::run(std::move(more));
}

TEST_CASE("a reviewer sees offline which examples fail and which answers change") {
    const testing::TemporaryFolder folder;
    const std::string changed = folder.path() / "changed.json";
    Json pack = *parse_json(*read_file(kHachioji));
    Json& rules = pack["schemes"][1]["rules"];
    Json next = rules[0];
    rules[0]["to"] = "2027-03-31";
    next["from"] = "2027-04-01";
    next["copay"][0]["amount_yen"] = 300;
    rules.push_back(next);
    std::ofstream(changed) << pack.dump();

    // One example is about that very date: it has to be changed with the rule.
    const auto forgotten = check(changed, {"--against", kHachioji});
    INFO(forgotten.output);
    CHECK(forgotten.exit_code == 1);
    CHECK(has(forgotten.output, "amount_yen should be 200, but is 300"));
    for (Json& example : pack["schemes"][1]["examples"]) {
        if (example["question"].value("service_date", "") >= "2027-04-01" &&
            example["expect"].contains("copay"))
            example["expect"]["copay"]["amount_yen"] = 300;
    }
    std::ofstream(changed) << pack.dump();

    const auto good = check(changed, {"--against", kHachioji});
    INFO(good.output);
    CHECK(good.exit_code == 0);
    CHECK(has(good.output, "examples hold"));
    CHECK(has(good.output,
              "  2027-04-01: 1回につき200円 / 200 yen per visit -> 1回につき300円 / 300 yen per "
              "visit\n"));
    CHECK(has(check(kHachioji, {"--against", kHachioji}).output, "nothing changes"));

    SECTION("an example that fails is named by pointer and sentence, and is a change as well") {
        pack["schemes"][1]["rules"][0]["copay"][0]["amount_yen"] = 250;
        std::ofstream(changed) << pack.dump();
        const auto failing = check(changed, {"--against", kHachioji});
        CHECK(failing.exit_code == 1);
        CHECK(has(failing.output, "/schemes/1/examples/0/expect/copay\n"));
        CHECK(has(failing.output, "amount_yen は 200 のはずが 250"));
        CHECK(has(failing.output, "amount_yen should be 200, but is 250"));
        CHECK(has(failing.output, "  2026-11-20: 1回につき200円"));
        const auto json = parse_json(check(changed, {"--json"}).output);
        REQUIRE(json.has_value());
        CHECK(json->at("good") == false);
        CHECK_FALSE(json->at("problems").empty());
    }
    SECTION("a file that is not there, or another authority's, is wrong use") {
        CHECK(check("/nowhere.json").exit_code == 2);
        CHECK(check(kHachioji, {"--against", "/nowhere.json"}).exit_code == 2);
        const std::string tokyo = std::filesystem::path(kHachioji).parent_path() / "130001.json";
        CHECK(check(kHachioji, {"--against", tokyo}).exit_code == 2);
    }
    SECTION("what is no pack at all is refused") {
        std::ofstream(changed) << "{";
        CHECK(check(changed, {"--against", kHachioji}).exit_code == 1);
    }
}

}  // namespace
