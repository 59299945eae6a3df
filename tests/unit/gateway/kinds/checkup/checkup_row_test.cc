#include "gateway/kinds/checkup/checkup_row.h"

#include "tests/unit/gateway/kinds/checkup/checkups.h"

using namespace checkup_test;
using namespace shikaku::checkup;
using registry::Column;
using registry::RowCode;

namespace {

using Values = std::map<Column, std::string>;

Values good() {
    return {{"history_key"_checkup, "K-1"},
            {"link_key"_checkup, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},
            {"checkup_id"_checkup, "lung"},
            {"fiscal_year"_checkup, "令和8年度"},
            {"invited_from"_checkup, "2026-06-01"},
            {"invited_to"_checkup, "R9.2.28"},
            {"ticket_number"_checkup, "T-1"},
            {"own_payment_yen"_checkup, "500"},
            {"examined_on"_checkup, "2026-07-01"},
            {"institution_code"_checkup, "1312012342"},
            {"institution_name"_checkup, "保健センター"},
            {"items"_checkup, "xray:E1; packs:400:H ;note:右 上肺野"},
            {"judgement"_checkup, "recall"},
            {"detailed_exam"_checkup, "1"},
            {"detailed_on"_checkup, "2026-08-01"},
            {"detailed_outcome"_checkup, "none"}};
}

CheckedCheckup check(const Values& values) {
    static const auto codes = pack();
    registry::RawRow row{.line = 7};
    for (const auto& [column, value] : values)
        row[column] = value;
    return check_row(row, *codes);
}

}  // namespace

TEST_CASE("a whole row of a checkup is taken as it says") {
    const auto checked = check(good());
    REQUIRE(checked.remarks.empty());
    REQUIRE_FALSE(checked.refused);
    const Checkup& row = checked.checkup;
    CHECK(row.checkup_id == "lung");
    CHECK(row.fiscal_year->text() == "2026");
    CHECK(row.invited_to->iso() == "2027-02-28");
    CHECK(row.own_payment_yen == 500);
    CHECK(row.items == std::vector<std::string>{"xray:E1", "packs:400:H", "note:右 上肺野"});
    CHECK(row.detailed_exam == 1);
    CHECK(row.institution.size() == 1);
}

TEST_CASE("whether a detailed examination is needed is yes, no or not known, and 0 is not absent") {
    auto values = good();
    values["detailed_exam"_checkup] = "0";
    CHECK(check(values).checkup.detailed_exam == 0);
    values["detailed_exam"_checkup] = "";
    CHECK_FALSE(check(values).checkup.detailed_exam);
}

TEST_CASE("rows of checkups that are refused") {
    struct Case {
        Values changed;
        Column column;
        RowCode code;
    };
    const Case cases[] = {
        {{{"checkup_id"_checkup, ""}}, "checkup_id"_checkup, RowCode::missing_value},
        {{{"checkup_id"_checkup, "liver"}}, "checkup_id"_checkup, RowCode::unknown_checkup},
        {{{"checkup_id"_checkup, "LUNG"}}, "checkup_id"_checkup, RowCode::unknown_checkup},
        {{{"fiscal_year"_checkup, ""}}, "fiscal_year"_checkup, RowCode::missing_value},
        {{{"fiscal_year"_checkup, "26"}}, "fiscal_year"_checkup, RowCode::bad_fiscal_year},
        {{{"fiscal_year"_checkup, "昭和70年度"}}, "fiscal_year"_checkup, RowCode::bad_fiscal_year},
        {{{"fiscal_year"_checkup, "2026-04"}}, "fiscal_year"_checkup, RowCode::bad_fiscal_year},
        {{{"invited_from"_checkup, ""}}, "invited_from"_checkup, RowCode::missing_value},
        {{{"invited_to"_checkup, ""}}, "invited_to"_checkup, RowCode::missing_value},
        {{{"invited_to"_checkup, "2026-05-31"}}, "invited_to"_checkup, RowCode::bad_period},
        {{{"invited_to"_checkup, "2026-02-30"}}, "invited_to"_checkup, RowCode::bad_date},
        {{{"ticket_number"_checkup, std::string(31, '1')}},
         "ticket_number"_checkup,
         RowCode::too_long},
        {{{"own_payment_yen"_checkup, "500円"}}, "own_payment_yen"_checkup, RowCode::bad_yen},
        {{{"own_payment_yen"_checkup, "-1"}}, "own_payment_yen"_checkup, RowCode::bad_yen},
        {{{"examined_on"_checkup, ""}}, "examined_on"_checkup, RowCode::result_without_date},
        {{{"institution_code"_checkup, "1312012343"}},
         "institution_code"_checkup,
         RowCode::bad_institution_code},
        {{{"institution_code"_checkup, "1312012342;1312012342"}},
         "institution_code"_checkup,
         RowCode::too_many_items},
        {{{"items"_checkup, "ct:A"}}, "items"_checkup, RowCode::unknown_item},
        {{{"items"_checkup, "xray"}}, "items"_checkup, RowCode::bad_item},
        {{{"items"_checkup, "xray:"}}, "items"_checkup, RowCode::bad_item},
        {{{"items"_checkup, "xray:C"}}, "items"_checkup, RowCode::bad_item},
        {{{"items"_checkup, "xray:A;xray:B"}}, "items"_checkup, RowCode::bad_item},
        {{{"items"_checkup, "xray:A:"}}, "items"_checkup, RowCode::bad_item},
        {{{"items"_checkup, "packs:many"}}, "items"_checkup, RowCode::bad_item},
        {{{"items"_checkup, "packs:1.:H"}}, "items"_checkup, RowCode::bad_item},
        {{{"items"_checkup, "packs:400:HH"}}, "items"_checkup, RowCode::unknown_judgement},
        {{{"items"_checkup, "note:" + std::string(51, 'x')}}, "items"_checkup, RowCode::bad_item},
        {{{"judgement"_checkup, "RECALL"}}, "judgement"_checkup, RowCode::unknown_judgement},
        {{{"detailed_exam"_checkup, "要"}}, "detailed_exam"_checkup, RowCode::bad_flag},
        {{{"detailed_outcome"_checkup, "cancer"}},
         "detailed_outcome"_checkup,
         RowCode::unknown_judgement},
        {{{"history_key"_checkup, ""}}, "history_key"_checkup, RowCode::missing_value},
        {{{"link_key"_checkup, "short"}}, "link_key"_checkup, RowCode::bad_link_key},
        {{{"institution_name"_checkup, "1234 5678 9018"}},
         "institution_name"_checkup,
         RowCode::personal_number},
        {{{"institution_name"_checkup, "a\tb"}},
         "institution_name"_checkup,
         RowCode::control_character},
        {{{"deleted"_checkup, "x"}}, "deleted"_checkup, RowCode::bad_flag},
    };
    for (const Case& one : cases) {
        auto values = good();
        for (const auto& [column, value] : one.changed)
            values[column] = value;
        CAPTURE(kCheckupColumns.name(one.column), name(one.code), one.changed.begin()->second);
        const auto checked = check(values);
        CHECK(checked.refused);
        REQUIRE(checked.remarks.size() == 1);
        CHECK(checked.remarks.front() ==
              registry::RowRemark{.line = 7, .column = one.column, .code = one.code});
        const bool key_is_wrong = one.column == "history_key"_checkup;
        CHECK(checked.history_key == (key_is_wrong ? "" : "K-1"));
    }
}

TEST_CASE("a row that could show nobody anything is refused") {
    const Values keys{{"history_key"_checkup, "K-1"},
                      {"link_key"_checkup, good()["link_key"_checkup]},
                      {"checkup_id"_checkup, "dental"},
                      {"fiscal_year"_checkup, "2026"}};
    const auto checked = check(keys);
    REQUIRE(checked.refused);
    CHECK(checked.remarks.front().code == RowCode::no_invitation_or_result);
    auto invited = keys;
    invited["invited_from"_checkup] = "2026-06-01";
    invited["invited_to"_checkup] = "2026-06-01";
    CHECK_FALSE(check(invited).refused);
    auto examined = keys;
    examined["examined_on"_checkup] = "2026-06-01";
    CHECK_FALSE(check(examined).refused);
}

TEST_CASE("a deleted checkup needs its key only") {
    const auto checked = check({{"history_key"_checkup, "K-1"}, {"deleted"_checkup, "1"}});
    CHECK(checked.deleted);
    CHECK_FALSE(checked.refused);
}
