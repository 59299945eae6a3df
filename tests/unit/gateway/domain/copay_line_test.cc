#include "gateway/domain/copay_line.h"

#include <catch2/catch.hpp>

#include "tests/unit/gateway/domain/builders.h"

namespace shikaku::domain::test {
namespace {

using State = CopayChoice::State;

struct Table {
    RuleVersion version;
    Entitlement row = entitlement("s");
    std::optional<PayerNumber> number;
    std::optional<Date> birth_date = date("2016-06-15");
    Setting setting = Setting::outpatient;

    CopayLine& line(int yen) {
        CopayLine& added = version.copay.emplace_back();
        added.copay = yen_per_visit(yen);
        return added;
    }
    // The amount that was chosen; -1 not covered, -2 unknown.
    int amount() const {
        const CopayChoice choice = choose_copay(version, {.entitlement = row,
                                                          .payer_number = number,
                                                          .birth_date = birth_date,
                                                          .setting = setting,
                                                          .on = date("2026-11-20")});
        if (choice.state == State::not_covered) return -1;
        if (choice.state == State::unknown) return -2;
        return choice.copay->amount_yen.value_or(0);
    }
};

TEST_CASE("the first line that fits counts") {
    Table table;
    table.line(100).settings = {Setting::inpatient};
    table.line(200).segments = {"x"};
    table.line(300).income_segments = {"taxed"};
    table.line(400).conditions = {"A-1", "A-2"};
    table.line(500);
    table.line(600);
    CHECK(table.amount() == 500);
    table.row.additional_conditions = {"B-1", "A-2"};
    CHECK(table.amount() == 400);
    table.row.income_segment = "taxed";
    CHECK(table.amount() == 300);
    table.row.segment = "x";
    CHECK(table.amount() == 200);
    table.setting = Setting::inpatient;
    CHECK(table.amount() == 100);
}

TEST_CASE("lines by payer number: certificate numbers that depend on income") {
    Table table;
    table.line(200).payer_numbers = {payer("81136244")};
    table.line(300).payer_numbers = {payer("81137242")};
    table.number = payer("81137242");
    CHECK(table.amount() == 300);
    table.number = payer("88131248");
    CHECK(table.amount() == -2);
    table.number.reset();
    CHECK(table.amount() == -2);
}

TEST_CASE("a line that depends on an unknown birth date stops the choice") {
    Table table;
    table.line(100).age =
        AgeRange{.from = {}, .from_fiscal_year_after = {}, .to = 2, .to_fiscal_year_end_after = {}};
    table.line(200);
    CHECK(table.amount() == 200);
    table.birth_date.reset();
    CHECK(table.amount() == -2);
    table.version.copay.front().segments = {"never"};
    CHECK(table.amount() == 200);
}

TEST_CASE("not covered: no line names the setting, or the fitting line says so") {
    Table table;
    CHECK(table.amount() == -1);
    table.line(100).settings = {Setting::pharmacy};
    CHECK(table.amount() == -1);
    CopayLine& not_covered = table.line(1);
    not_covered.copay = Copay{};
    not_covered.copay.kind = Copay::Kind::not_covered;
    not_covered.segments = {"mental-1"};
    CHECK(table.amount() == -1);
    table.line(300).segments = {"other"};
    CHECK(table.amount() == -2);
    table.row.segment = "mental-1";
    CHECK(table.amount() == -1);
}

TEST_CASE("a line can count unless the lines before it fit in all its cases") {
    const auto line = [](std::vector<Setting> settings, std::vector<std::string> incomes) {
        CopayLine made;
        made.settings = std::move(settings);
        made.income_segments = std::move(incomes);
        return made;
    };
    const auto can = [](std::vector<CopayLine> before, const CopayLine& last) {
        return can_count(before, last);
    };
    using enum Setting;
    CHECK(can({}, line({}, {})));
    CHECK_FALSE(can({line({}, {})}, line({pharmacy}, {"low"})));
    CHECK(can({line({pharmacy}, {})}, line({pharmacy, inpatient}, {})));
    CHECK_FALSE(
        can({line({pharmacy}, {}), line({inpatient}, {})}, line({pharmacy, inpatient}, {})));
    CHECK(can({line({pharmacy}, {"low"})}, line({pharmacy}, {})));
    CHECK(can({line({pharmacy}, {"low"})}, line({pharmacy}, {"low", "high"})));
    CHECK_FALSE(can({line({pharmacy}, {"low", "high"})}, line({pharmacy}, {"low"})));
    const std::vector<Setting> all(kAllSettings.begin(), kAllSettings.end());
    CHECK_FALSE(can({line(all, {})}, line({}, {})));
    CopayLine children = line({}, {});
    children.age =
        AgeRange{.from = {}, .from_fiscal_year_after = {}, .to = 2, .to_fiscal_year_end_after = {}};
    CHECK(can({children}, line({}, {})));
    CHECK_FALSE(can({line({}, {})}, children));
    CHECK_FALSE(can({children}, children));
}

}  // namespace
}  // namespace shikaku::domain::test
