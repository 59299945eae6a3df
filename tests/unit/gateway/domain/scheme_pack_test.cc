#include "gateway/domain/scheme_pack.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/domain/builders.h"
#include "tests/unit/gateway/domain/pack_files.h"

namespace shikaku::domain::test {
namespace {

// One scheme with two rule versions and one example; the rows below break it in one place each.
const Json& good_pack() {
    static const Json pack = parse_json(R"({
        "authority": "132012",
        "schemes": [{
            "id": "maru-ko", "name": {"ja": "マル子", "en": "School age"},
            "law_code": "88", "payer_numbers": ["88131248"], "claim_order": 2, "source": "test",
            "unknown": [{"ja": "不明", "en": "unknown"}],
            "rules": [
                {"from": "2024-04-01", "to": "2026-03-31",
                 "age": {"from_fiscal_year_after": 6, "to_fiscal_year_end_after": 15},
                 "copay": [{"settings": ["outpatient"], "kind": "per_visit", "amount_yen": 200},
                           {"kind": "free", "food_covered": false}],
                 "area": {"scope": "prefecture"}},
                {"from": "2026-04-01",
                 "copay": [{"kind": "per_day", "amount_yen": 500, "days_per_month": 2}],
                 "area": {"scope": "list", "prefectures": ["13", "14"], "outside": "auto_reimbursement"},
                 "insurer": {"national_health_society_prefixes": ["13"]},
                 "excluded_by": ["12"], "notes": [{"ja": "注意", "en": "note"}]}
            ],
            "examples": [{
                "name": "200 yen",
                "question": {"service_date": "2026-03-31", "setting": "outpatient",
                             "institution": "1312012342", "birth_date": "2016-06-15"},
                "expect": {"outcome": "eligible", "reason": "ACTIVE",
                           "copay": {"kind": "per_visit", "amount_yen": 200}, "claim_order": 1}
            }]
        }]
    })")
                                 .value();
    return pack;
}

PackResult read(const Json& pack) {
    return read_scheme_pack(pack.dump(), authority(kHachioji), "v1");
}

TEST_CASE("a good pack is read as written") {
    const PackResult result = read(good_pack());
    REQUIRE(result.problems.empty());
    REQUIRE(result.pack);
    CHECK(result.examples_run == 1);
    CHECK(result.pack->version == "v1");
    const Scheme& scheme = result.pack->schemes.at(0);
    CHECK(scheme.claim_order == 2);
    REQUIRE(scheme.rules.size() == 2);
    const RuleVersion& first = scheme.rules[0];
    CHECK(first.version == "2024-04-01");
    CHECK(first.to == date("2026-03-31"));
    CHECK(first.age->to_fiscal_year_end_after == 15);
    CHECK(first.copay.at(0).copay.text.ja == "1回につき200円");
    CHECK(first.copay.at(1).copay.food_covered == false);
    const RuleVersion& second = scheme.rules[1];
    CHECK(second.area.outside == Settlement::auto_reimbursement);
    CHECK(second.area.prefectures == std::vector<std::string>{"13", "14"});
    CHECK(second.insurer->national_health_society_prefixes == std::vector<std::string>{"13"});
    CHECK(second.excluded_by == std::vector<std::string>{"12"});
    CHECK(second.notes.at(0).en == "note");
    CHECK(scheme.rule_on(date("2026-03-31")) == &first);
    CHECK(scheme.rule_on(date("2026-04-01")) == &second);
    CHECK(scheme.rule_on(date("2024-03-31")) == nullptr);
}

struct BadPack {
    const char* what;
    const char* pointer;      // where the pack is broken, and where the problem must point
    const char* value;        // JSON put there; "remove" takes the member away
    const char* reported_at;  // null: at pointer
};

// clang-format off
const BadPack kBadPacks[] = {
    {"unknown key at the top", "/extra", "1", nullptr},
    {"unknown key in a scheme", "/schemes/0/extra", "1", nullptr},
    {"unknown key in a rule", "/schemes/0/rules/0/extra", "1", nullptr},
    {"unknown key in a copay line", "/schemes/0/rules/0/copay/0/amount", "200", nullptr},
    {"unknown key in an age rule", "/schemes/0/rules/0/age/until", "15", nullptr},
    {"unknown key in an area", "/schemes/0/rules/0/area/where", "1", nullptr},
    {"unknown key in a name", "/schemes/0/name/fr", "\"x\"", nullptr},
    {"unknown key in a question", "/schemes/0/examples/0/question/age", "9", nullptr},
    {"unknown key in an expectation", "/schemes/0/examples/0/expect/price", "9", nullptr},
    {"authority missing", "/authority", "remove", ""},
    {"authority of somebody else", "/authority", "\"130001\"", nullptr},
    {"authority with a wrong check digit", "/authority", "\"132013\"", nullptr},
    {"schemes not an array", "/schemes", "{}", nullptr},
    {"scheme not an object", "/schemes/0", "7", nullptr},
    {"scheme without id", "/schemes/0/id", "remove", "/schemes/0"},
    {"scheme id with a space", "/schemes/0/id", "\"maru ko\"", nullptr},
    {"scheme id of digits only", "/schemes/0/id", "\"12\"", nullptr},
    {"name as a plain text", "/schemes/0/name", "\"マル子\"", nullptr},
    {"name without English", "/schemes/0/name/en", "remove", "/schemes/0/name"},
    {"empty Japanese name", "/schemes/0/name/ja", "\"\"", nullptr},
    {"law code of three digits", "/schemes/0/law_code", "\"088\"", nullptr},
    {"law code that the numbers contradict", "/schemes/0/law_code", "\"89\"", "/schemes/0/payer_numbers"},
    {"payer number of seven digits", "/schemes/0/payer_numbers/0", "\"8813124\"", nullptr},
    {"payer number with a letter", "/schemes/0/payer_numbers/0", "\"8813124X\"", nullptr},
    {"payer number as a number", "/schemes/0/payer_numbers/0", "88131248", nullptr},
    {"payer number twice", "/schemes/0/payer_numbers", "[\"88131248\",\"88131248\"]", "/schemes/0"},
    {"claim order zero", "/schemes/0/claim_order", "0", nullptr},
    {"claim order not whole", "/schemes/0/claim_order", "1.5", nullptr},
    {"source missing", "/schemes/0/source", "remove", "/schemes/0"},
    {"no rule", "/schemes/0/rules", "[]", nullptr},
    {"rule without a beginning", "/schemes/0/rules/0/from", "remove", "/schemes/0/rules/0"},
    {"a date that does not exist", "/schemes/0/rules/0/from", "\"2024-02-30\"", nullptr},
    {"a date of an era", "/schemes/0/rules/0/from", "\"R6.4.1\"", nullptr},
    {"overlapping versions", "/schemes/0/rules/1/from", "\"2026-03-31\"", "/schemes/0/rules/1"},
    {"a version before without an end", "/schemes/0/rules/0/to", "remove", "/schemes/0/rules/1"},
    {"versions in the wrong order", "/schemes/0/rules/1/from", "\"2020-04-01\"", "/schemes/0/rules/1"},
    {"a gap between versions", "/schemes/0/rules/1/from", "\"2026-04-02\"", "/schemes/0/rules/1"},
    {"a version that ends before it begins", "/schemes/0/rules/1/to", "\"2026-03-31\"", "/schemes/0/rules/1"},
    {"no copay line", "/schemes/0/rules/0/copay", "[]", nullptr},
    {"copay missing", "/schemes/0/rules/0/copay", "remove", "/schemes/0/rules/0"},
    {"unknown setting", "/schemes/0/rules/0/copay/0/settings/0", "\"hospital\"", nullptr},
    {"unknown kind", "/schemes/0/rules/0/copay/0/kind", "\"cheap\"", nullptr},
    {"kind missing", "/schemes/0/rules/0/copay/0/kind", "remove", "/schemes/0/rules/0/copay/0"},
    {"amount missing", "/schemes/0/rules/0/copay/0/amount_yen", "remove", "/schemes/0/rules/0/copay/0/kind"},
    {"amount zero", "/schemes/0/rules/0/copay/0/amount_yen", "0", nullptr},
    {"amount negative", "/schemes/0/rules/0/copay/0/amount_yen", "-200", nullptr},
    {"amount as a text", "/schemes/0/rules/0/copay/0/amount_yen", "\"200\"", nullptr},
    {"amount beyond every bound", "/schemes/0/rules/0/copay/0/amount_yen", "18446744073709551615", nullptr},
    {"amount of something free", "/schemes/0/rules/0/copay/1/amount_yen", "200", nullptr},
    {"cap of something free", "/schemes/0/rules/0/copay/1/cap_monthly_yen", "200", nullptr},
    {"percentage without percent", "/schemes/0/rules/0/copay/1/kind", "\"percentage\"", nullptr},
    {"percent above 100", "/schemes/0/rules/0/copay/0", R"({"kind":"percentage","percent":101})", "/schemes/0/rules/0/copay/0/percent"},
    {"days per month of a visit fee", "/schemes/0/rules/0/copay/0/days_per_month", "2", nullptr},
    {"32 days a month", "/schemes/0/rules/1/copay/0/days_per_month", "32", nullptr},
    {"refund of no cap", "/schemes/0/rules/0/copay/0/person_cap_by_refund", "true", nullptr},
    {"a year without a yearly cap", "/schemes/0/rules/0/copay/0/year_starts_month", "8", nullptr},
    {"month 13", "/schemes/0/rules/0/copay/0", R"({"kind":"insurance_share","cap_yearly_yen":1,"year_starts_month":13})", "/schemes/0/rules/0/copay/0/year_starts_month"},
    {"food as a text", "/schemes/0/rules/0/copay/1/food_covered", "\"no\"", nullptr},
    {"age rule without a limit", "/schemes/0/rules/0/age", "{}", nullptr},
    {"age of 131", "/schemes/0/rules/0/age", R"({"to":131})", "/schemes/0/rules/0/age/to"},
    {"an age range that nobody fits", "/schemes/0/rules/0/age", R"({"from":20,"to":10})", nullptr},
    {"a school range that nobody fits", "/schemes/0/rules/0/age/from_fiscal_year_after", "15", "/schemes/0/rules/0/age"},
    {"area missing", "/schemes/0/rules/0/area", "remove", "/schemes/0/rules/0"},
    {"unknown scope", "/schemes/0/rules/0/area/scope", "\"island\"", nullptr},
    {"a list without prefectures", "/schemes/0/rules/0/area/scope", "\"list\"", nullptr},
    {"prefectures without a list", "/schemes/0/rules/0/area/prefectures", "[\"13\"]", nullptr},
    {"prefecture 48", "/schemes/0/rules/1/area/prefectures/0", "\"48\"", nullptr},
    {"a municipality without districts", "/schemes/0/rules/0/area/scope", "\"municipality\"", nullptr},
    {"a district of two digits", "/schemes/0/rules/0/area", R"({"scope":"municipality","districts":["20"]})", "/schemes/0/rules/0/area/districts/0"},
    {"a contracted institution with a wrong check digit", "/schemes/0/rules/0/area/institutions", "[\"1312012343\"]", "/schemes/0/rules/0/area/institutions/0"},
    {"an unknown kind of institution", "/schemes/0/rules/0/area/kinds", "[\"spa\"]", "/schemes/0/rules/0/area/kinds/0"},
    {"outside settled in kind", "/schemes/0/rules/0/area/outside", "\"in_kind\"", nullptr},
    {"an unknown settlement", "/schemes/0/rules/0/settlement", "\"cash\"", nullptr},
    {"insurer prefix with a letter", "/schemes/0/rules/1/insurer/national_health_society_prefixes/0", "\"A\"", nullptr},
    {"insurer condition without prefixes", "/schemes/0/rules/1/insurer", "{}", nullptr},
    {"a flag as a number", "/schemes/0/rules/0/insurance_required", "1", nullptr},
    {"excluded by a scheme that is not there", "/schemes/0/rules/1/excluded_by/0", "\"judo\"", "/schemes/0"},
    {"excluded by a scheme of no authority", "/schemes/0/rules/1/excluded_by/0", "\"999999/judo\"", nullptr},
    {"notes as texts", "/schemes/0/rules/1/notes/0", "\"x\"", nullptr},
    {"examples not an array", "/schemes/0/examples", "{}", nullptr},
    {"example without a question", "/schemes/0/examples/0/question", "remove", "/schemes/0/examples/0"},
    {"example with an impossible date", "/schemes/0/examples/0/question/service_date", "\"2026-02-29\"", nullptr},
    {"example with a wrong institution", "/schemes/0/examples/0/question/institution", "\"1312012341\"", nullptr},
    {"example with an unknown setting", "/schemes/0/examples/0/question/setting", "\"ward\"", nullptr},
    {"example with an unknown reason", "/schemes/0/examples/0/expect/reason", "\"FINE\"", nullptr},
    {"example whose reason differs", "/schemes/0/examples/0/expect/reason", "\"EXPIRED\"", "/schemes/0/examples/0/expect"},
    {"example whose amount differs", "/schemes/0/examples/0/expect/copay/amount_yen", "300", "/schemes/0/examples/0/expect/copay"},
    {"example whose order differs", "/schemes/0/examples/0/expect/claim_order", "2", "/schemes/0/examples/0/expect"},
    {"example whose notes differ", "/schemes/0/examples/0/expect/notes", "[\"area_unknown\"]", "/schemes/0/examples/0/expect"},
};
// clang-format on

Json broken(const BadPack& bad) {
    Json pack = good_pack();
    const Json::json_pointer pointer(bad.pointer);
    if (std::string_view(bad.value) == "remove") {
        pack[pointer.parent_pointer()].erase(pointer.back());
    } else {
        pack[pointer] = parse_json(bad.value).value();
    }
    return pack;
}

TEST_CASE("a pack that is wrong anywhere is refused whole, with the place and a sentence") {
    static_assert(std::size(kBadPacks) >= 40);
    for (const BadPack& bad : kBadPacks) {
        INFO(bad.what);
        const PackResult result = read(broken(bad));
        CHECK(result.pack == nullptr);
        REQUIRE_FALSE(result.problems.empty());
        const std::string wanted = bad.reported_at == nullptr ? bad.pointer : bad.reported_at;
        CHECK(result.problems.front().pointer == wanted);
        CHECK_FALSE(result.problems.front().text.ja.empty());
        CHECK_FALSE(result.problems.front().text.en.empty());
    }
}

TEST_CASE("text that is no JSON, too large or has a key twice is one problem at the root") {
    const std::string text =
        GENERATE(as<std::string>{}, "", "{", "[]x", "null",
                 R"({"authority":"132012","authority":"132012","schemes":[]})");
    const PackResult result = read_scheme_pack(text, authority(kHachioji), "v1");
    CHECK(result.pack == nullptr);
    REQUIRE_FALSE(result.problems.empty());
    CHECK(result.problems.front().pointer.empty());
    const std::string huge(bounds::kSchemePackBytes + 1, ' ');
    CHECK(read_scheme_pack(huge, authority(kHachioji), "v1").problems.size() == 1);
}

TEST_CASE("problems are collected, up to the bound") {
    Json pack = good_pack();
    pack["schemes"][0]["law_code"] = 1;
    pack["schemes"][0]["rules"][0]["area"]["scope"] = "island";
    CHECK(read(pack).problems.size() == 3);  // the number no longer fits the law code either
    for (int i = 0; i < 300; ++i)
        pack["schemes"][0]["payer_numbers"].push_back(i);
    CHECK(read(pack).problems.size() == bounds::kPackProblems);
}

TEST_CASE("an example that fails says what was expected and what came out") {
    Json pack = good_pack();
    pack["schemes"][0]["examples"][0]["expect"]["reason"] = "EXPIRED";
    const PackResult result = read(pack);
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].text.en ==
          "the example fails: reason should be EXPIRED, but is ACTIVE");
    CHECK(result.problems[0].text.ja.find("EXPIRED") != std::string::npos);
}

TEST_CASE("a co-payment line that can never count is refused, with its place") {
    Json pack = good_pack();
    pack["schemes"][0]["rules"][0]["copay"].push_back(
        {{"settings", {"pharmacy"}}, {"kind", "not_covered"}});
    const PackResult result = read(pack);
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].pointer == "/schemes/0/rules/0/copay/2");
    CHECK(result.problems[0].text.en ==
          "never counts, because the lines before it fit in every case");
    CHECK(result.pack == nullptr);
}

TEST_CASE("an accepted pack stays readable when its examples or lines would not pass any more") {
    Json pack = good_pack();
    pack["schemes"][0]["examples"][0]["expect"]["reason"] = "EXPIRED";
    pack["schemes"][0]["rules"][0]["copay"].push_back({{"kind", "unknown"}});
    REQUIRE(read(pack).pack == nullptr);
    const PackResult again = read_accepted_pack(pack.dump(), authority(kHachioji), "v1");
    REQUIRE(again.pack);
    CHECK(again.pack->schemes.at(0).rules.at(0).copay.size() == 3);
    CHECK(again.examples_run == 0);
    pack["schemes"][0]["rules"][0]["area"] = 1;
    CHECK(read_accepted_pack(pack.dump(), authority(kHachioji), "v1").pack == nullptr);
}

TEST_CASE("examples can hold the year of a cap and how a person's cap is kept") {
    Json pack = good_pack();
    Json& line = pack["schemes"][0]["rules"][0]["copay"][0];
    line["cap_yearly_yen"] = 144000;
    line["year_starts_month"] = 8;
    line["cap_person_monthly_yen"] = 2500;
    line["person_cap_by_refund"] = true;
    Json& copay = pack["schemes"][0]["examples"][0]["expect"]["copay"];
    copay["year_starts_month"] = 8;
    copay["person_cap_by_refund"] = true;
    CHECK(read(pack).problems.empty());
    copay["year_starts_month"] = 4;
    copay["person_cap_by_refund"] = false;
    CHECK(read(pack).problems.size() == 2);
}

TEST_CASE("scheme ids and payer numbers belong to one scheme of a pack") {
    Json pack = good_pack();
    pack["schemes"].push_back(pack["schemes"][0]);
    const PackResult result = read(pack);
    REQUIRE(result.problems.size() == 2);
    CHECK(result.problems[0].pointer == "/schemes/1");
}

// The reader names the keys that it knows; the schema must know the same ones.
TEST_CASE("the JSON Schema has exactly the reader's members") {
    const auto path =
        std::filesystem::path(SHIKAKU_SOURCE_DIR) / "gateway/domain/scheme-pack.schema.json";
    const Json schema = parse_json(read_file(path).value()).value();
    const auto keys_in_schema = [](const Json& object) {
        std::set<std::string> keys;
        for (const auto& [key, value] : object.at("properties").items())
            keys.insert(key);
        CHECK(object.at("additionalProperties") == false);
        return keys;
    };
    const auto keys_of_reader = [](std::string_view place) {
        Json pack = good_pack();
        pack["schemes"][0]["examples"][0]["question"]["others"] = Json::array({Json::object()});
        pack[Json::json_pointer(std::string(place) + "/no-such-key")] = 1;
        std::set<std::string> keys;
        for (const PackProblem& problem : read(pack).problems) {
            const std::string_view text = problem.text.en;
            const std::string_view before = "unknown key; allowed are ";
            if (!text.starts_with(before)) continue;
            std::string list(text.substr(before.size()));
            for (std::size_t at = 0; at < list.size();) {
                const std::size_t end = std::min(list.find(", ", at), list.size());
                keys.insert(list.substr(at, end - at));
                at = end + 2;
            }
        }
        return keys;
    };
    const Json& defs = schema.at("$defs");
    CHECK(keys_in_schema(schema) == keys_of_reader(""));
    CHECK(keys_in_schema(defs.at("scheme")) == keys_of_reader("/schemes/0"));
    CHECK(keys_in_schema(defs.at("localized")) == keys_of_reader("/schemes/0/name"));
    CHECK(keys_in_schema(defs.at("rule")) == keys_of_reader("/schemes/0/rules/0"));
    CHECK(keys_in_schema(defs.at("age")) == keys_of_reader("/schemes/0/rules/0/age"));
    CHECK(keys_in_schema(defs.at("copay_line")) == keys_of_reader("/schemes/0/rules/0/copay/0"));
    CHECK(keys_in_schema(defs.at("area")) == keys_of_reader("/schemes/0/rules/0/area"));
    CHECK(keys_in_schema(defs.at("insurer")) == keys_of_reader("/schemes/0/rules/1/insurer"));
    const std::string example = "/schemes/0/examples/0";
    CHECK(keys_in_schema(defs.at("example")) == keys_of_reader(example));
    CHECK(keys_in_schema(defs.at("question")) == keys_of_reader(example + "/question"));
    CHECK(keys_in_schema(defs.at("other")) == keys_of_reader(example + "/question/others/0"));
    CHECK(keys_in_schema(defs.at("expect")) == keys_of_reader(example + "/expect"));
    CHECK(keys_in_schema(defs.at("expected_copay")) == keys_of_reader(example + "/expect/copay"));
}

}  // namespace
}  // namespace shikaku::domain::test
