#include "gateway/programs/publish/pack_comparison.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/domain/decide.h"
#include "gateway/domain/scheme_pack.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace {

using namespace shikaku;
using programs::PackChange;

const std::filesystem::path kPacks =
    std::filesystem::path(SHIKAKU_SOURCE_DIR) / "municipal-mocks" / "schemes";

// 八王子市, whose second scheme, マル子, charges 200 yen a visit.
Json hachioji() {
    return *parse_json(*read_file(kPacks / "132012.json"));
}

// As a reviewer would: the version in force is closed, another one follows.
Json with_next_version(Json pack, int amount_yen) {
    Json& rules = pack["schemes"][1]["rules"];
    Json next = rules[0];
    rules[0]["to"] = "2027-03-31";
    next["from"] = "2027-04-01";
    next["copay"][0]["amount_yen"] = amount_yen;
    rules.push_back(next);
    return pack;
}

programs::PackComparison compare(const Json& before, const Json& after) {
    auto compared = programs::compare_packs(before.dump(), after.dump());
    REQUIRE(compared.has_value());
    return std::move(*compared);
}

TEST_CASE("a co-payment that changes next 1 April changes on that day and not the day before") {
    const auto compared = compare(hachioji(), with_next_version(hachioji(), 300));
    REQUIRE_FALSE(compared.changes.empty());
    CHECK(compared.changes.front().example ==
          "小学生の通院は1回200円 / 200 yen per out-patient visit");
    CHECK(compared.changes.front().before == "1回につき200円 / 200 yen per visit");
    CHECK(compared.changes.front().after == "1回につき300円 / 300 yen per visit");
    for (const PackChange& change : compared.changes) {
        CHECK(change.scheme == "maru-ko");
        CHECK(change.date.iso() == "2027-04-01");
    }
}

TEST_CASE("a version that says the same, other names and other examples change nothing") {
    Json same = with_next_version(hachioji(), 200);
    same["schemes"][1]["name"]["en"] = "Another name";
    same["schemes"][1]["examples"].erase(0);
    const auto compared = compare(hachioji(), same);
    CHECK(compared.changes.empty());
    CHECK(compared.asked > 100);
}

TEST_CASE("what fails as an example still shows as a change, on the example's own day") {
    Json changed = hachioji();
    changed["schemes"][1]["rules"][0]["copay"][0]["amount_yen"] = 500;
    const auto compared = compare(hachioji(), changed);
    CHECK(std::ranges::any_of(compared.changes, [](const PackChange& change) {
        return change.date.iso() == "2026-11-20" &&
               change.after == "1回につき500円 / 500 yen per visit";
    }));
}

TEST_CASE("outcome, reason and place on the claim are shown where they change") {
    Json changed = hachioji();
    changed["schemes"][1]["rules"][0]["age"]["from_fiscal_year_after"] = 12;
    const auto aged = compare(hachioji(), changed);
    REQUIRE_FALSE(aged.changes.empty());
    CHECK(aged.changes.front().before ==
          "eligible ACTIVE, 1回につき200円 / 200 yen per visit, 第1公費 / payer 1");
    CHECK(aged.changes.front().after == "not_eligible AGE_OUT_OF_RANGE");

    Json reordered = hachioji();
    reordered["schemes"][1]["claim_order"] = 9;  // after マル親
    const auto placed = compare(hachioji(), reordered);
    REQUIRE_FALSE(placed.changes.empty());
    CHECK(placed.changes.front().scheme == "maru-oya");
    CHECK(placed.changes.front().before == "第2公費 / payer 2");
    CHECK(placed.changes.front().after == "第1公費 / payer 1");
}

TEST_CASE("a scheme that goes away changes its examples, which only the old pack has") {
    Json changed = hachioji();
    changed["schemes"].erase(3);
    const auto compared = compare(hachioji(), changed);
    REQUIRE_FALSE(compared.changes.empty());
    CHECK(compared.changes.front().scheme == "maru-oya");
}

TEST_CASE("what is no pack, or another authority's, is not compared") {
    Json other = hachioji();
    other["authority"] = "130001";
    for (const std::string& text : {std::string("{"), std::string("[]"), std::string("{}"),
                                    other.dump(), std::string(R"({"authority":"132012"})")}) {
        CHECK_FALSE(programs::compare_packs(text, hachioji().dump()).has_value());
        CHECK_FALSE(programs::compare_packs(hachioji().dump(), text).has_value());
    }
}

}  // namespace
