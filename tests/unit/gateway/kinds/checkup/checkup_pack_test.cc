#include "gateway/kinds/checkup/checkup_pack.h"

#include "gateway/support/json.h"
#include "tests/unit/gateway/kinds/checkup/checkups.h"

using namespace checkup_test;
using namespace shikaku::checkup;

namespace {

CheckupPackResult read(const Json& json) {
    return read_checkup_pack(json.dump(), kHachioji, "v", Examples::run);
}

}  // namespace

TEST_CASE("a checkup pack says what its codes mean") {
    const auto codes = pack();
    const CheckupType* const lung = codes->find("lung");
    REQUIRE(lung != nullptr);
    CHECK(lung->name.en == "Lung cancer screening");
    const ItemType* const packs = find_item(*lung, "packs");
    REQUIRE(packs != nullptr);
    CHECK(packs->unit == "本・年");
    CHECK(packs->form == ItemType::Form::number);
    CHECK(find_coded(lung->judgements, "recall")->name.ja == "要精密検査");
    CHECK(find_item(*lung, "ct") == nullptr);
    CHECK(codes->find("liver") == nullptr);
}

TEST_CASE("checkup packs that are refused, and where") {
    struct Case {
        std::string pointer;
        std::function<void(Json&)> change;
    };
    const std::vector<Case> cases = {
        {"/authority", [](Json& p) { p["authority"] = "131016"; }},
        {"/authority", [](Json& p) { p["authority"] = "132"; }},
        {"", [](Json& p) { p.erase("examples"); }},
        {"/examples", [](Json& p) { p["examples"] = Json::array(); }},
        {"/schemes", [](Json& p) { p["schemes"] = Json::array(); }},
        {"/checkups/0", [](Json& p) { p["checkups"][0].erase("name"); }},
        {"/checkups/0/id", [](Json& p) { p["checkups"][0]["id"] = "肺"; }},
        {"/checkups/0/id", [](Json& p) { p["checkups"][0]["id"] = std::string(21, 'x'); }},
        {"/checkups/1", [](Json& p) { p["checkups"][1]["id"] = "lung"; }},
        {"/checkups/0/colour", [](Json& p) { p["checkups"][0]["colour"] = "red"; }},
        {"/checkups/0/items/0/form", [](Json& p) { p["checkups"][0]["items"][0]["form"] = "x"; }},
        {"/checkups/0/items/0", [](Json& p) { p["checkups"][0]["items"][0].erase("choices"); }},
        {"/checkups/0/items/1/choices",
         [](Json& p) { p["checkups"][0]["items"][1]["choices"] = Json::array({"1"}); }},
        {"/checkups/0/items/1/code", [](Json& p) { p["checkups"][0]["items"][1]["code"] = "a:b"; }},
        {"/checkups/0/items/2", [](Json& p) { p["checkups"][0]["items"][2]["code"] = "xray"; }},
        {"/checkups/0/judgements/1",
         [](Json& p) { p["checkups"][0]["judgements"][1]["code"] = "ok"; }},
        {"/examples/0", [](Json& p) { p["examples"][0]["expect"]["result"] = true; }},
        {"/examples/0/row", [](Json& p) { p["examples"][0]["row"]["colour"] = "red"; }},
        {"/examples/0/row", [](Json& p) { p["examples"][0]["row"] = 1; }},
        {"/examples/0/expect", [](Json& p) { p["examples"][0]["expect"] = Json::object(); }},
        {"/examples/1", [](Json& p) { p["examples"][1]["expect"]["judgement"] = "異常認めず"; }},
        {"/examples/1", [](Json& p) { p["examples"][1]["expect"]["detailed_exam"] = false; }},
        {"/examples/1", [](Json& p) { p["checkups"][0]["items"].erase(1); }},
        {"/examples/2", [](Json& p) { p["examples"][2]["expect"]["refused"] = {"bad_item"}; }},
    };
    for (const Case& one : cases) {
        Json json = *parse_json(kPack);
        one.change(json);
        const auto result = read(json);
        CAPTURE(one.pointer);
        CHECK(result.pack == nullptr);
        REQUIRE_FALSE(result.problems.empty());
        CHECK(result.problems.front().pointer == one.pointer);
        CHECK_FALSE(result.problems.front().text.ja.empty());
    }
    CHECK(read_checkup_pack("{", kHachioji, "v", Examples::run).pack == nullptr);
    CHECK(read_checkup_pack("[]", kHachioji, "v", Examples::run).pack == nullptr);
}

TEST_CASE("a checkup pack that was accepted stays readable, whatever its examples give now") {
    Json json = *parse_json(kPack);
    json["examples"][0]["expect"]["result"] = true;
    CHECK_FALSE(read_checkup_pack(json.dump(), kHachioji, "v", Examples::run).pack);
    CHECK(read_checkup_pack(json.dump(), kHachioji, "v", Examples::leave_out).pack);
}
