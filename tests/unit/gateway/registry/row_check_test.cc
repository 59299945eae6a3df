#include "gateway/registry/row_check.h"

#include <catch2/catch.hpp>
#include <map>

#include "gateway/domain/scheme_pack.h"

using namespace shikaku;
using namespace shikaku::registry;

namespace {

constexpr std::string_view kPack = R"({"authority":"132012","schemes":[
    {"id":"maru-ko","name":{"ja":"マル子","en":"School-age"},"law_code":"88",
     "payer_numbers":["88131248"],"source":"test",
     "rules":[{"from":"2020-04-01","copay":[{"settings":["outpatient"],"kind":"free"}],
               "area":{"scope":"prefecture"}}],
     "examples":[]},
    {"id":"maru-chi","name":{"ja":"マル障","en":"Disability"},"law_code":"80",
     "payer_numbers":["80137015"],"source":"test",
     "rules":[{"from":"2020-04-01","copay":[{"settings":["outpatient"],"kind":"free"}],
               "area":{"scope":"prefecture"}}],
     "examples":[]}]})";

std::shared_ptr<const domain::SchemePack> make_pack() {
    const auto read = domain::read_scheme_pack(kPack, *domain::AuthorityCode::parse("132012"), "v");
    for (const auto& problem : read.problems)
        UNSCOPED_INFO(problem.pointer + problem.text.en);
    REQUIRE(read.pack);
    return read.pack;
}

using Values = std::map<Column, std::string>;

Values good() {
    return {{Column::history_key, "H-0001"},
            {Column::certificate_type_id, "kodomo"},
            {Column::link_key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},
            {Column::scheme_id, "maru-ko"},
            {Column::payer_number, "88131248"},
            {Column::recipient_number, "1234566"},
            {Column::certificate_name, "マル子医療証"},
            {Column::segment, "A"},
            {Column::income_segment, "I2"},
            {Column::additional_conditions, "01-02;03-04"},
            {Column::designated_institutions, "1312012342"},
            {Column::always_reimbursement, "0"},
            {Column::cap_monthly_yen, "10000"},
            {Column::valid_from, "2026-04-01"},
            {Column::valid_to, "2027-03-31"},
            {Column::not_disclosed, "1"},
            {Column::birth_date, "2015-05-05"},
            {Column::deleted, ""}};
}

CheckedRow check(const Values& values) {
    static const auto pack = make_pack();
    RawRow row{.line = 7};
    for (const auto& [column, value] : values)
        row[column] = value;
    return RowChecker(*pack).check(row);
}

Values with(Column column, std::string value) {
    Values values = good();
    values[column] = std::move(value);
    return values;
}

}  // namespace

TEST_CASE("a good row becomes an entitlement") {
    const CheckedRow row = check(good());
    CHECK_FALSE(row.refused);
    CHECK_FALSE(row.deleted);
    CHECK(row.remarks.empty());
    CHECK(row.history_key == "H-0001");
    for (std::size_t i = 0; i < row.link_key.size(); ++i)
        CHECK(row.link_key[i] == i);
    const domain::Entitlement& e = row.entitlement;
    CHECK(e.history_key == "H-0001");
    CHECK(e.certificate_type_id == "kodomo");
    CHECK(e.scheme_id == "maru-ko");
    CHECK(e.payer_number->text() == "88131248");
    CHECK(e.recipient_number == "1234566");
    CHECK(e.certificate_name == "マル子医療証");
    CHECK(e.segment == "A");
    CHECK(e.income_segment == "I2");
    CHECK(e.additional_conditions == std::vector<std::string>{"01-02", "03-04"});
    REQUIRE(e.designated_institutions.size() == 1);
    CHECK(e.designated_institutions[0].text() == "1312012342");
    CHECK_FALSE(e.always_reimbursement);
    CHECK(e.cap_monthly_yen == 10000);
    CHECK(e.valid_from.iso() == "2026-04-01");
    CHECK(e.valid_to.iso() == "2027-03-31");
    CHECK(e.not_disclosed);
    CHECK(e.birth_date->iso() == "2015-05-05");
    CHECK_FALSE(e.revoked_at);
}

TEST_CASE("only the required columns are needed") {
    const CheckedRow row = check({{Column::history_key, "k"},
                                  {Column::certificate_type_id, "t"},
                                  {Column::link_key, good()[Column::link_key]},
                                  {Column::scheme_id, "maru-ko"},
                                  {Column::valid_from, "R8.4.1"},
                                  {Column::valid_to, "令和9年3月31日"}});
    CHECK_FALSE(row.refused);
    CHECK(row.remarks.empty());
    CHECK(row.entitlement.valid_to.iso() == "2027-03-31");
    CHECK_FALSE(row.entitlement.payer_number);
}

TEST_CASE("other spellings of good values") {
    CHECK(check(with(Column::valid_from, "20260401")).entitlement.valid_from.iso() == "2026-04-01");
    CHECK(check(with(Column::segment, "　区分Ａ　")).entitlement.segment == "区分Ａ");
    CHECK(check(with(Column::history_key, "  H-0001 ")).history_key == "H-0001");
    CHECK(check(with(Column::additional_conditions, "01-02;")).entitlement.additional_conditions ==
          std::vector<std::string>{"01-02"});
    CHECK(check(with(Column::additional_conditions, " 01-02 ; 03-04 "))
              .entitlement.additional_conditions.size() == 2);
    CHECK(check(with(Column::cap_monthly_yen, "0")).entitlement.cap_monthly_yen == 0);
    CHECK(check(with(Column::always_reimbursement, "1")).entitlement.always_reimbursement);
}

TEST_CASE("bad values are refused with column and code") {
    struct Case {
        Column column;
        std::string value;
        RowCode code;
    };
    const std::string many = [] {
        std::string list;
        for (int i = 0; i < 65; ++i)
            list += "1312012342;";
        return list;
    }();
    const Case cases[] = {
        {Column::history_key, "", RowCode::missing_value},
        {Column::history_key, "　 ", RowCode::missing_value},
        {Column::history_key, std::string(101, 'x'), RowCode::too_long},
        {Column::history_key, "a\nb", RowCode::control_character},
        {Column::history_key, "H\uFEFF1", RowCode::hidden_character},
        {Column::history_key, "\u200BH1", RowCode::hidden_character},
        {Column::history_key, "H\xFF", RowCode::undecodable},
        {Column::recipient_number, "12\u202E34", RowCode::hidden_character},
        {Column::recipient_number, "12\u2066\u206934", RowCode::hidden_character},
        {Column::recipient_number, "\u200E1234", RowCode::hidden_character},
        {Column::certificate_name, "医療\u200D証", RowCode::hidden_character},
        {Column::certificate_name, "医療\u2060証", RowCode::hidden_character},
        {Column::certificate_name, "医療\u2028証", RowCode::hidden_character},
        {Column::certificate_name, "医療\u00AD証", RowCode::hidden_character},
        {Column::certificate_name, "医療\U000E0041証", RowCode::hidden_character},
        {Column::certificate_name, "医療\u0085証", RowCode::control_character},
        {Column::certificate_name, "医療\xFF証", RowCode::undecodable},
        {Column::certificate_name, "医療\uFFFD証", RowCode::undecodable},
        {Column::segment, std::string("A\0B", 3), RowCode::control_character},
        {Column::valid_to, "2027-03-31\u200B", RowCode::hidden_character},
        {Column::scheme_id, "maru\u200B-ko", RowCode::hidden_character},
        {Column::not_disclosed, "\xFF", RowCode::undecodable},
        {Column::certificate_type_id, "", RowCode::missing_value},
        {Column::certificate_type_id, std::string(51, 'x'), RowCode::too_long},
        {Column::certificate_type_id, "a\tb", RowCode::control_character},
        {Column::link_key, "", RowCode::missing_value},
        {Column::link_key, "abc", RowCode::bad_link_key},
        {Column::link_key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", RowCode::bad_link_key},
        {Column::link_key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", RowCode::bad_link_key},
        {Column::link_key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH/8", RowCode::bad_link_key},
        {Column::link_key, std::string(200, 'A'), RowCode::bad_link_key},
        {Column::scheme_id, "", RowCode::missing_value},
        {Column::scheme_id, "maru-x", RowCode::unknown_scheme},
        {Column::scheme_id, "MARU-KO", RowCode::unknown_scheme},
        {Column::payer_number, "8813124", RowCode::bad_payer_number},
        {Column::payer_number, "881312480", RowCode::bad_payer_number},
        {Column::payer_number, "8813124x", RowCode::bad_payer_number},
        {Column::payer_number, "８８１３１２４８", RowCode::bad_payer_number},
        {Column::recipient_number, std::string(31, '1'), RowCode::too_long},
        {Column::recipient_number,
         "12\x01"
         "34",
         RowCode::control_character},
        {Column::certificate_name, std::string(101, 'x'), RowCode::too_long},
        {Column::certificate_name, "一行目\r\n二行目", RowCode::control_character},
        {Column::segment, std::string(51, 'x'), RowCode::too_long},
        {Column::income_segment, "\x7F", RowCode::control_character},
        {Column::additional_conditions, "a b", RowCode::bad_condition},
        {Column::additional_conditions, "条件", RowCode::bad_condition},
        {Column::additional_conditions, "=cmd|x", RowCode::bad_condition},
        {Column::additional_conditions, std::string(51, 'x'), RowCode::too_long},
        {Column::designated_institutions, "123", RowCode::bad_institution_code},
        {Column::designated_institutions, "0112345670", RowCode::bad_institution_code},
        {Column::designated_institutions, "1312012342,1312012342", RowCode::bad_institution_code},
        {Column::designated_institutions, many, RowCode::too_many_items},
        {Column::always_reimbursement, "yes", RowCode::bad_flag},
        {Column::always_reimbursement, "2", RowCode::bad_flag},
        {Column::not_disclosed, "true", RowCode::bad_flag},
        {Column::deleted, "x", RowCode::bad_flag},
        {Column::cap_monthly_yen, "-1", RowCode::bad_cap},
        {Column::cap_monthly_yen, "10,000", RowCode::bad_cap},
        {Column::cap_monthly_yen, "10000円", RowCode::bad_cap},
        {Column::cap_monthly_yen, "10000000", RowCode::bad_cap},
        {Column::cap_monthly_yen, "99999999999999999999", RowCode::bad_cap},
        {Column::valid_from, "", RowCode::missing_value},
        {Column::valid_from, "2026-02-29", RowCode::bad_date},
        {Column::valid_from, "2026/04/01", RowCode::bad_date},
        {Column::valid_from, "0", RowCode::bad_date},
        {Column::valid_to, "", RowCode::missing_value},
        {Column::valid_to, "R99.99.99", RowCode::bad_date},
        {Column::valid_to, "2026-03-31", RowCode::bad_period},
        {Column::birth_date, "H0.1.1", RowCode::bad_date},
        {Column::birth_date, "2027-04-01", RowCode::bad_birth_date},
    };
    for (const Case& one : cases) {
        const CheckedRow row = check(with(one.column, one.value));
        CAPTURE(name(one.column), name(one.code), one.value);
        CHECK(row.refused);
        REQUIRE(row.remarks.size() >= 1);
        CHECK(row.remarks[0] == RowRemark{7, one.column, one.code});
    }
}

TEST_CASE("a personal number in any column, in any form, is refused") {
    const std::string kZeroLost = [] {
        std::string number = "01234567890";
        for (char digit = '0'; digit <= '9'; ++digit)
            if (domain::is_personal_number(number + digit)) return number.substr(1) + digit;
        return number;
    }();
    for (std::size_t i = 0; i < kColumnCount; ++i) {
        const auto column = static_cast<Column>(i);
        for (const std::string number :
             {"123456789018", "1234-5678-9018", "１２３４５６７８９０１８", "x123456789018y"}) {
            const CheckedRow row = check(with(column, number));
            CAPTURE(name(column), number);
            CHECK(row.refused);
            REQUIRE_FALSE(row.remarks.empty());
            CHECK(row.remarks[0] == RowRemark{7, column, RowCode::personal_number});
        }
    }
    struct Case {
        Column column;
        std::string value;
        RowCode code;
    };
    for (const Case& one :
         {Case{Column::certificate_name, "8.95463115289E+11", RowCode::personal_number},
          Case{Column::certificate_name, "895,463,115,289", RowCode::personal_number},
          Case{Column::certificate_name, "'895463115289", RowCode::personal_number},
          Case{Column::certificate_name, "895463115289.0", RowCode::personal_number},
          Case{Column::recipient_number, "8.95463E+11", RowCode::shortened_personal_number},
          Case{Column::history_key, "8.95463E+11", RowCode::shortened_personal_number},
          Case{Column::recipient_number, kZeroLost, RowCode::personal_number}}) {
        const CheckedRow row = check(with(one.column, one.value));
        CAPTURE(name(one.column), one.value);
        CHECK(row.refused);
        REQUIRE_FALSE(row.remarks.empty());
        CHECK(row.remarks[0] == RowRemark{7, one.column, one.code});
        CHECK(row.history_key == (one.column == Column::history_key ? "" : "H-0001"));
    }
    CHECK_FALSE(check(with(Column::history_key, kZeroLost)).refused);
    // Twelve digits that are none, as a history key may well have.
    CHECK_FALSE(check(with(Column::history_key, "123456789010")).refused);
}

TEST_CASE("warnings keep the row") {
    struct Case {
        Column column;
        std::string value;
        RowCode code;
    };
    const Case cases[] = {
        {Column::payer_number, "88131249", RowCode::payer_check_digit},
        {Column::payer_number, "81136244", RowCode::payer_not_in_scheme},
        {Column::certificate_name, "\xEE\x80\x80川", RowCode::unmapped_character},
    };
    for (const Case& one : cases) {
        const CheckedRow row = check(with(one.column, one.value));
        CAPTURE(name(one.code));
        CHECK_FALSE(row.refused);
        REQUIRE_FALSE(row.remarks.empty());
        CHECK(row.remarks[0] == RowRemark{7, one.column, one.code});
    }
}

TEST_CASE("characters that are seen or choose a form of a kanji are kept") {
    for (const std::string text : {"辻\U000E0100", "ﾏﾙｺ", "Ａ－１", "é", "𠮷野家", "〜～", "①Ⅲ"}) {
        CAPTURE(text);
        CHECK(check(with(Column::certificate_name, text)).remarks.empty());
    }
}

TEST_CASE("every fault of a row is named at once") {
    Values values = good();
    values[Column::scheme_id] = "nope";
    values[Column::valid_from] = "nope";
    values[Column::cap_monthly_yen] = "nope";
    const CheckedRow row = check(values);
    CHECK(row.refused);
    CHECK(row.remarks.size() == 3);
    CHECK(row.history_key == "H-0001");  // what is in force under it stays
}

TEST_CASE("a row with nothing but its history key gets one remark") {
    const CheckedRow row = check({{Column::history_key, "H-1"}, {Column::segment, "　"}});
    CHECK(row.refused);
    CHECK(row.history_key == "H-1");
    REQUIRE(row.remarks.size() == 1);
    CHECK(row.remarks[0] == RowRemark{7, Column::link_key, RowCode::kept_back});
}

TEST_CASE("a deleted row needs its history key only") {
    const CheckedRow row = check({{Column::history_key, "H-1"}, {Column::deleted, "1"}});
    CHECK_FALSE(row.refused);
    CHECK(row.deleted);
    CHECK(row.history_key == "H-1");
    CHECK(check({{Column::deleted, "1"}}).refused);
}
