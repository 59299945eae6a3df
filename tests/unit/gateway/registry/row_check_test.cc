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
    return {{"history_key"_column, "H-0001"},
            {"certificate_type_id"_column, "kodomo"},
            {"link_key"_column, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},
            {"scheme_id"_column, "maru-ko"},
            {"payer_number"_column, "88131248"},
            {"recipient_number"_column, "1234566"},
            {"certificate_name"_column, "マル子医療証"},
            {"segment"_column, "A"},
            {"income_segment"_column, "I2"},
            {"additional_conditions"_column, "01-02;03-04"},
            {"designated_institutions"_column, "1312012342"},
            {"always_reimbursement"_column, "0"},
            {"cap_monthly_yen"_column, "10000"},
            {"valid_from"_column, "2026-04-01"},
            {"valid_to"_column, "2027-03-31"},
            {"not_disclosed"_column, "1"},
            {"birth_date"_column, "2015-05-05"},
            {"deleted"_column, ""}};
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
    const CheckedRow row = check({{"history_key"_column, "k"},
                                  {"certificate_type_id"_column, "t"},
                                  {"link_key"_column, good()["link_key"_column]},
                                  {"scheme_id"_column, "maru-ko"},
                                  {"valid_from"_column, "R8.4.1"},
                                  {"valid_to"_column, "令和9年3月31日"}});
    CHECK_FALSE(row.refused);
    CHECK(row.remarks.empty());
    CHECK(row.entitlement.valid_to.iso() == "2027-03-31");
    CHECK_FALSE(row.entitlement.payer_number);
}

TEST_CASE("other spellings of good values") {
    CHECK(check(with("valid_from"_column, "20260401")).entitlement.valid_from.iso() ==
          "2026-04-01");
    CHECK(check(with("segment"_column, "　区分Ａ　")).entitlement.segment == "区分Ａ");
    CHECK(check(with("history_key"_column, "  H-0001 ")).history_key == "H-0001");
    CHECK(check(with("additional_conditions"_column, "01-02;")).entitlement.additional_conditions ==
          std::vector<std::string>{"01-02"});
    CHECK(check(with("additional_conditions"_column, " 01-02 ; 03-04 "))
              .entitlement.additional_conditions.size() == 2);
    CHECK(check(with("cap_monthly_yen"_column, "0")).entitlement.cap_monthly_yen == 0);
    CHECK(check(with("always_reimbursement"_column, "1")).entitlement.always_reimbursement);
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
        {"history_key"_column, "", RowCode::missing_value},
        {"history_key"_column, "　 ", RowCode::missing_value},
        {"history_key"_column, std::string(101, 'x'), RowCode::too_long},
        {"history_key"_column, "a\nb", RowCode::control_character},
        {"history_key"_column, "H\uFEFF1", RowCode::hidden_character},
        {"history_key"_column, "\u200BH1", RowCode::hidden_character},
        {"history_key"_column, "H\xFF", RowCode::undecodable},
        {"recipient_number"_column, "12\u202E34", RowCode::hidden_character},
        {"recipient_number"_column, "12\u2066\u206934", RowCode::hidden_character},
        {"recipient_number"_column, "\u200E1234", RowCode::hidden_character},
        {"certificate_name"_column, "医療\u200D証", RowCode::hidden_character},
        {"certificate_name"_column, "医療\u2060証", RowCode::hidden_character},
        {"certificate_name"_column, "医療\u2028証", RowCode::hidden_character},
        {"certificate_name"_column, "医療\u00AD証", RowCode::hidden_character},
        {"certificate_name"_column, "医療\U000E0041証", RowCode::hidden_character},
        {"certificate_name"_column, "医療\u0085証", RowCode::control_character},
        {"certificate_name"_column, "医療\xFF証", RowCode::undecodable},
        {"certificate_name"_column, "医療\uFFFD証", RowCode::undecodable},
        {"segment"_column, std::string("A\0B", 3), RowCode::control_character},
        {"valid_to"_column, "2027-03-31\u200B", RowCode::hidden_character},
        {"scheme_id"_column, "maru\u200B-ko", RowCode::hidden_character},
        {"not_disclosed"_column, "\xFF", RowCode::undecodable},
        {"certificate_type_id"_column, "", RowCode::missing_value},
        {"certificate_type_id"_column, std::string(51, 'x'), RowCode::too_long},
        {"certificate_type_id"_column, "a\tb", RowCode::control_character},
        {"link_key"_column, "", RowCode::missing_value},
        {"link_key"_column, "abc", RowCode::bad_link_key},
        {"link_key"_column, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", RowCode::bad_link_key},
        {"link_key"_column, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", RowCode::bad_link_key},
        {"link_key"_column, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH/8", RowCode::bad_link_key},
        {"link_key"_column, std::string(200, 'A'), RowCode::bad_link_key},
        {"scheme_id"_column, "", RowCode::missing_value},
        {"scheme_id"_column, "maru-x", RowCode::unknown_scheme},
        {"scheme_id"_column, "MARU-KO", RowCode::unknown_scheme},
        {"payer_number"_column, "8813124", RowCode::bad_payer_number},
        {"payer_number"_column, "881312480", RowCode::bad_payer_number},
        {"payer_number"_column, "8813124x", RowCode::bad_payer_number},
        {"payer_number"_column, "８８１３１２４８", RowCode::bad_payer_number},
        {"recipient_number"_column, std::string(31, '1'), RowCode::too_long},
        {"recipient_number"_column,
         "12\x01"
         "34",
         RowCode::control_character},
        {"certificate_name"_column, std::string(101, 'x'), RowCode::too_long},
        {"certificate_name"_column, "一行目\r\n二行目", RowCode::control_character},
        {"segment"_column, std::string(51, 'x'), RowCode::too_long},
        {"income_segment"_column, "\x7F", RowCode::control_character},
        {"additional_conditions"_column, "a b", RowCode::bad_condition},
        {"additional_conditions"_column, "条件", RowCode::bad_condition},
        {"additional_conditions"_column, "=cmd|x", RowCode::bad_condition},
        {"additional_conditions"_column, std::string(51, 'x'), RowCode::too_long},
        {"designated_institutions"_column, "123", RowCode::bad_institution_code},
        {"designated_institutions"_column, "0112345670", RowCode::bad_institution_code},
        {"designated_institutions"_column, "1312012342,1312012342", RowCode::bad_institution_code},
        {"designated_institutions"_column, many, RowCode::too_many_items},
        {"always_reimbursement"_column, "yes", RowCode::bad_flag},
        {"always_reimbursement"_column, "2", RowCode::bad_flag},
        {"not_disclosed"_column, "true", RowCode::bad_flag},
        {"deleted"_column, "x", RowCode::bad_flag},
        {"cap_monthly_yen"_column, "-1", RowCode::bad_cap},
        {"cap_monthly_yen"_column, "10,000", RowCode::bad_cap},
        {"cap_monthly_yen"_column, "10000円", RowCode::bad_cap},
        {"cap_monthly_yen"_column, "10000000", RowCode::bad_cap},
        {"cap_monthly_yen"_column, "99999999999999999999", RowCode::bad_cap},
        {"valid_from"_column, "", RowCode::missing_value},
        {"valid_from"_column, "2026-02-29", RowCode::bad_date},
        {"valid_from"_column, "2026/04/01", RowCode::bad_date},
        {"valid_from"_column, "0", RowCode::bad_date},
        {"valid_to"_column, "", RowCode::missing_value},
        {"valid_to"_column, "R99.99.99", RowCode::bad_date},
        {"valid_to"_column, "2026-03-31", RowCode::bad_period},
        {"birth_date"_column, "H0.1.1", RowCode::bad_date},
        {"birth_date"_column, "2027-04-01", RowCode::bad_birth_date},
    };
    for (const Case& one : cases) {
        const CheckedRow row = check(with(one.column, one.value));
        CAPTURE(kEntitlementColumns.name(one.column), name(one.code), one.value);
        CHECK(row.refused);
        REQUIRE(row.remarks.size() >= 1);
        CHECK(row.remarks[0] == RowRemark{7, one.column, one.code});
    }
}

TEST_CASE("a personal number in any column, in any form, is refused") {
    const std::string zero_lost = [] {
        std::string number = "01234567890";
        for (char digit = '0'; digit <= '9'; ++digit)
            if (domain::is_personal_number(number + digit)) return number.substr(1) + digit;
        return number;
    }();
    for (std::size_t i = 0; i < kEntitlementColumns.size(); ++i) {
        const auto column = static_cast<Column>(i);
        for (const std::string number :
             {"123456789018", "1234-5678-9018", "１２３４５６７８９０１８", "x123456789018y"}) {
            const CheckedRow row = check(with(column, number));
            CAPTURE(kEntitlementColumns.name(column), number);
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
         {Case{"certificate_name"_column, "8.95463115289E+11", RowCode::personal_number},
          Case{"certificate_name"_column, "895,463,115,289", RowCode::personal_number},
          Case{"certificate_name"_column, "'895463115289", RowCode::personal_number},
          Case{"certificate_name"_column, "895463115289.0", RowCode::personal_number},
          Case{"recipient_number"_column, "8.95463E+11", RowCode::shortened_personal_number},
          Case{"history_key"_column, "8.95463E+11", RowCode::shortened_personal_number},
          Case{"recipient_number"_column, zero_lost, RowCode::personal_number}}) {
        const CheckedRow row = check(with(one.column, one.value));
        CAPTURE(kEntitlementColumns.name(one.column), one.value);
        CHECK(row.refused);
        REQUIRE_FALSE(row.remarks.empty());
        CHECK(row.remarks[0] == RowRemark{7, one.column, one.code});
        CHECK(row.history_key == (one.column == "history_key"_column ? "" : "H-0001"));
    }
    CHECK_FALSE(check(with("history_key"_column, zero_lost)).refused);
    // Twelve digits that are none, as a history key may well have.
    CHECK_FALSE(check(with("history_key"_column, "123456789010")).refused);
}

TEST_CASE("warnings keep the row") {
    struct Case {
        Column column;
        std::string value;
        RowCode code;
    };
    const Case cases[] = {
        {"payer_number"_column, "88131249", RowCode::payer_check_digit},
        {"payer_number"_column, "81136244", RowCode::payer_not_in_scheme},
        {"certificate_name"_column, "\xEE\x80\x80川", RowCode::unmapped_character},
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
        CHECK(check(with("certificate_name"_column, text)).remarks.empty());
    }
}

TEST_CASE("every fault of a row is named at once") {
    Values values = good();
    values["scheme_id"_column] = "nope";
    values["valid_from"_column] = "nope";
    values["cap_monthly_yen"_column] = "nope";
    const CheckedRow row = check(values);
    CHECK(row.refused);
    CHECK(row.remarks.size() == 3);
    CHECK(row.history_key == "H-0001");  // what is in force under it stays
}

TEST_CASE("a row with nothing but its history key gets one remark") {
    const CheckedRow row = check({{"history_key"_column, "H-1"}, {"segment"_column, "　"}});
    CHECK(row.refused);
    CHECK(row.history_key == "H-1");
    REQUIRE(row.remarks.size() == 1);
    CHECK(row.remarks[0] == RowRemark{7, "link_key"_column, RowCode::kept_back});
}

TEST_CASE("a row with nothing but its keys gets one remark for what is missing") {
    const CheckedRow both =
        check({{"history_key"_column, "H-1"}, {"link_key"_column, good()["link_key"_column]}});
    CHECK(both.refused);
    REQUIRE(both.remarks.size() == 1);
    CHECK(both.remarks[0] == RowRemark{7, "link_key"_column, RowCode::kept_back});
    const CheckedRow link_key_only = check({{"link_key"_column, good()["link_key"_column]}});
    REQUIRE(link_key_only.remarks.size() == 2);
    CHECK(link_key_only.remarks[0] == RowRemark{7, "history_key"_column, RowCode::missing_value});
    CHECK(link_key_only.remarks[1] == RowRemark{7, "link_key"_column, RowCode::kept_back});
}

TEST_CASE("a deleted row needs its history key only") {
    const CheckedRow row = check({{"history_key"_column, "H-1"}, {"deleted"_column, "1"}});
    CHECK_FALSE(row.refused);
    CHECK(row.deleted);
    CHECK(row.history_key == "H-1");
    CHECK(check({{"deleted"_column, "1"}}).refused);
}
