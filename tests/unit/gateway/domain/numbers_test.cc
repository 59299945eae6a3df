#include "gateway/domain/numbers.h"

#include <catch2/catch.hpp>

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/domain/shared_data.h"

namespace shikaku::domain {
namespace {

// The rule of the MHLW notification, written the other way round than in the code: from the left,
// with the weights given.
char reference_check_digit(std::string_view body) {
    int sum = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const bool doubled = (body.size() - i) % 2 == 1;
        const std::string product = std::to_string((body[i] - '0') * (doubled ? 2 : 1));
        for (const char c : product)
            sum += c - '0';
    }
    int digit = 0;
    while ((sum + digit) % 10 != 0)
        ++digit;
    return static_cast<char>('0' + digit);
}

// 番号法施行規則, with the weights of the eleven digits from the left.
std::string with_personal_check(const std::string& body) {
    constexpr std::string_view kWeights = "65432765432";
    int sum = 0;
    for (std::size_t i = 0; i < 11; ++i)
        sum += (body[i] - '0') * (kWeights[i] - '0');
    const int remainder = sum % 11;
    return body + static_cast<char>('0' + (remainder <= 1 ? 0 : 11 - remainder));
}

std::string with_check(const std::string& body) {
    return body + reference_check_digit(body);
}
std::string six_digit_rule(const std::string& nine) {
    return nine + reference_check_digit(std::string_view(nine).substr(3));
}

TEST_CASE("the check digit agrees with a reference for many bodies") {
    for (unsigned i = 0; i < 20'000; ++i) {
        const std::string body = std::to_string(i * 104'729U % 10'000'000U);
        REQUIRE(luhn_check_digit(body) == reference_check_digit(body));
    }
    CHECK(luhn_check_digit("8113624") == '4');
    CHECK(luhn_check_digit("000000") == '0');
}

TEST_CASE("real payer numbers have right check digits and their parts") {
    const std::string text =
        GENERATE(values<std::string>({"81136244", "81137242", "88138243", "88131248", "89131247",
                                      "54136015", "82137530", "51433019", "54016027", "19113760"}));
    const auto number = PayerNumber::parse(text);
    REQUIRE(number);
    CHECK(number->check_digit_ok());
    CHECK(number->text() == text);
    CHECK(number->law_code() == text.substr(0, 2));
    CHECK(number->prefecture() == text.substr(2, 2));
}

TEST_CASE("a payer number with a wrong check digit is a number all the same") {
    CHECK_FALSE(PayerNumber::parse("87654321")->check_digit_ok());
    CHECK_FALSE(PayerNumber::parse("81136245")->check_digit_ok());
    CHECK_FALSE(PayerNumber::parse("81163244")->check_digit_ok());  // two digits exchanged
}

TEST_CASE("numbers of a wrong shape are refused") {
    const std::string bad = GENERATE(values<std::string>({
        "",
        "8",
        "8113624",
        "811362440",
        "8113624a",
        " 81136244",
        "81136244 ",
        "81136244\n",
        "8113-624",
        "８１１３６２４４",
        "-8113624",
        "+8113624",
        std::string("8113624\0", 8),
        "81 36244",
    }));
    CAPTURE(bad);
    CHECK_FALSE(PayerNumber::parse(bad));
    CHECK_FALSE(InsurerNumber::parse(bad));
    CHECK_FALSE(InstitutionCode::parse(bad));
    CHECK_FALSE(AuthorityCode::parse(bad));
    CHECK_FALSE(is_personal_number(bad));
}

TEST_CASE("recipient numbers: the national form and any local one") {
    CHECK(RecipientNumber::parse("1234566")->national_form_ok());
    CHECK_FALSE(RecipientNumber::parse("0000002")->national_form_ok());
    CHECK_FALSE(RecipientNumber::parse("123456")->national_form_ok());
    CHECK(RecipientNumber::parse("A-12/3")->text() == "A-12/3");
    CHECK(RecipientNumber::parse("受給 第1号"));
    std::string thirty;
    for (std::size_t i = 0; i < bounds::kRecipientNumberMax; ++i)
        thirty += "第";
    CHECK(RecipientNumber::parse(thirty));
    CHECK_FALSE(RecipientNumber::parse(thirty + "1"));
}

TEST_CASE("bad recipient numbers are refused") {
    const std::string bad = GENERATE(values<std::string>({
        "",
        "\n",
        "12\t3",
        "1234566\r",
        std::string("12\0003", 4),
        "12\x7F",
        "12\u0085",
        "\xFF",
        "1\xC2",
        with_personal_check("12345678901"),
        "No." + with_personal_check("98765432101"),
        "1234 5678 9018",
        "１２３４５６７８９０１８",
    }));
    CAPTURE(bad);
    CHECK_FALSE(RecipientNumber::parse(bad));
}

TEST_CASE("real insurer numbers of both forms") {
    const auto [text, national_health, prefecture] =
        GENERATE(table<std::string, bool, std::string>({
            {"01130012", false, "13"},
            {"01040013", false, "04"},
            {"06130488", false, "13"},
            {"06139463", false, "13"},
            {"01420017", false, "42"},
            {"138057", true, "13"},
            {"138016", true, "13"},
            {"138156", true, "13"},
        }));
    const auto number = InsurerNumber::parse(text);
    REQUIRE(number);
    CHECK(number->text() == text);
    CHECK(number->is_national_health() == national_health);
    CHECK(number->prefecture() == prefecture);
    CHECK(number->check_digit_ok());
}

TEST_CASE(
    "an insurer number of seven digits is none; a wrong check digit is answered, not refused") {
    CHECK_FALSE(InsurerNumber::parse("1380578"));
    CHECK_FALSE(InsurerNumber::parse("138058")->check_digit_ok());
    CHECK_FALSE(InsurerNumber::parse("01130013")->check_digit_ok());
}

TEST_CASE("institution codes: nine digits count, six in Saitama, Chiba, Tokyo and Kanagawa") {
    for (const auto* code : {"0110113719", "2310100058", "2719900249", "3410712362"}) {
        CHECK(InstitutionCode::parse(code));
    }
    for (const auto* code : {"1110301762", "1310170019", "1318814790", "1410100065"}) {
        CHECK(InstitutionCode::parse(code));
    }
    for (int prefecture = 1; prefecture <= 47; ++prefecture) {
        const std::string digits = {static_cast<char>('0' + prefecture / 10),
                                    static_cast<char>('0' + prefecture % 10)};
        const std::string body = digits + "1012345";
        const bool six = prefecture >= 11 && prefecture <= 14;
        CAPTURE(body);
        const bool same = with_check(body) == six_digit_rule(body);
        CHECK(InstitutionCode::parse(with_check(body)).has_value() == (!six || same));
        CHECK(InstitutionCode::parse(six_digit_rule(body)).has_value() == (six || same));
    }
}

TEST_CASE("exactly one check digit is right where the rule is known") {
    const std::string body =
        GENERATE("131017001", "011011371", "133123456", "274123456", "276123456");
    int right = 0;
    for (char digit = '0'; digit <= '9'; ++digit) {
        if (InstitutionCode::parse(body + digit)) ++right;
    }
    CHECK(right == 1);
}

TEST_CASE("pharmacies and visiting nurses in the four prefectures pass: their rule is not known") {
    const std::string body =
        GENERATE("114123456", "124123456", "134123456", "146123456", "634123456");
    for (char digit = '0'; digit <= '9'; ++digit)
        CHECK(InstitutionCode::parse(body + digit));
}

TEST_CASE("spare prefecture numbers stand for their prefecture; in the four, either rule will do") {
    const std::string osaka = "771012345";
    CHECK(InstitutionCode::parse(with_check(osaka))->prefecture() == "27");
    CHECK_FALSE(InstitutionCode::parse(six_digit_rule(osaka)));
    const std::string tokyo = "631012345";
    CHECK(InstitutionCode::parse(with_check(tokyo))->prefecture() == "13");
    CHECK(InstitutionCode::parse(six_digit_rule(tokyo))->prefecture() == "13");
}

TEST_CASE("the kind of an institution is read from its code") {
    CHECK(InstitutionCode::parse("1310170019")->kind() == InstitutionCode::Kind::medical);
    CHECK(InstitutionCode::parse("1340000000")->kind() == InstitutionCode::Kind::pharmacy);
    CHECK(InstitutionCode::parse(with_check("273012345"))->kind() == InstitutionCode::Kind::dental);
    CHECK(InstitutionCode::parse(with_check("276012345"))->kind() ==
          InstitutionCode::Kind::home_nursing);
    CHECK(InstitutionCode::parse("0110113719")->prefecture() == "01");
}

TEST_CASE("institution codes with an unknown prefecture, kind or check digit are refused") {
    for (const auto* body : {"001012345", "481012345", "501012345", "981012345", "991012345"}) {
        CHECK_FALSE(InstitutionCode::parse(with_check(body)));
        CHECK_FALSE(InstitutionCode::parse(six_digit_rule(body)));
    }
    for (const auto* body : {"270012345", "272012345", "275012345", "277012345", "278012345",
                             "279012345", "130012345", "135012345"}) {
        CHECK_FALSE(InstitutionCode::parse(with_check(body)));
        CHECK_FALSE(InstitutionCode::parse(six_digit_rule(body)));
    }
    CHECK_FALSE(InstitutionCode::parse("1310170018"));
    CHECK_FALSE(InstitutionCode::parse("0110113710"));
}

TEST_CASE("authority codes and their prefectures") {
    const auto hachioji = AuthorityCode::parse("132012");
    REQUIRE(hachioji);
    CHECK(hachioji->prefecture() == "13");
    CHECK_FALSE(hachioji->is_prefecture());
    CHECK(hachioji->prefecture_authority() == AuthorityCode::parse("130001"));
    CHECK(hachioji->prefecture_authority().is_prefecture());
    CHECK(AuthorityCode::parse("010006")->prefecture_authority().text() == "010006");
    for (const auto* code : {"011002", "141003", "281000", "401307", "472018"}) {
        CHECK(AuthorityCode::parse(code));
    }
}

TEST_CASE("bad authority codes are refused") {
    const std::string bad =
        GENERATE(values<std::string>({"132011", "132013", "123012", "000000", "000001", "480002",
                                      "990001", "13201", "1320122", "１３２０１２", "13201X"}));
    CAPTURE(bad);
    CHECK_FALSE(AuthorityCode::parse(bad));
}

TEST_CASE("a personal number is twelve digits with the right check digit") {
    CHECK(with_personal_check("12345678901") == "123456789018");
    CHECK(is_personal_number("123456789018"));
    for (unsigned i = 0; i < 5000; ++i) {
        std::string body =
            std::to_string(10'000'000'000ULL + i * 17'432'917'831ULL % 89'999'999'999ULL);
        const std::string number = with_personal_check(body.substr(0, 11));
        REQUIRE(is_personal_number(number));
        std::string wrong = number;
        wrong.back() = static_cast<char>('0' + (number.back() - '0' + 1) % 10);
        REQUIRE_FALSE(is_personal_number(wrong));
    }
}

TEST_CASE("a personal number is found however it is written") {
    const std::string text = GENERATE(values<std::string>({
        "123456789018",
        "x123456789018y",
        "番号123456789018です",
        "a 123456789018, b",
        "1234 5678 9018",
        "1234-5678-9018",
        "No.1234-5678 9018!",
        "1234　5678　9018",
        "１２３４５６７８９０１８",
        "１２３４－５６７８－９０１８",
        "1234‐5678−9018",
        "12345６７８9018",
        "１２３４ー５６７８ー９０１８",
        "123456789018 2026-11-20",
        "2026-11-20 123456789018",
        "03-1234-5678 123456789018",
        "123456789012 123456789018",
        "99999 1234 5678 9018 11",
        "1234 5678 9018-1111",
        "1111-1234 5678 9018",
        "\xFF\xFE"
        "123456789018\xE3\x80",
        "1234  5678  9018",
        "123,456,789,018",
        "¥123,456,789,018.00",
        "１２３，４５６，７８９，０１８",
        "123 456 789 018",
        "123\u00A0456\u00A0789\u00A0018",
        "'123456789018",
        "=\"123456789018\"",
        "123456789018.0",
        "+123456789018",
        "1234\u200B5678\u200B9018",
        "\u202A123456789018\u202C",
        "123456789018\u200B0",  // parted from other digits by what cannot be seen
        "1.23456789018E+11",
        "1.23456789018e11",
        "1.234567890180E+11",
        "123.456789018E+9",
        "１．２３４５６７８９０１８Ｅ＋１１",
        "番号 1.23456789018E+11 です",
        "8.95463115289E+11",
        "895,463,115,289",
    }));
    CAPTURE(text);
    CHECK(contains_personal_number(text));
}

TEST_CASE("what is no personal number is left alone") {
    const std::string text = GENERATE(values<std::string>({
        "",
        "12345678901",
        "123456789012",  // too short, wrong check digit
        "1234567890180",
        "0123456789018",
        "00123456789018",  // a longer run
        "１123456789018",
        "123456789018９",  // also in full-width digits
        "1234 5678 9018 1234",
        "1234-5678-9018-1234",
        "1111 1234 5678 9018",  // groups of a longer number
        "1234 5678 90180",
        "01234 5678 9018",
        "1234.5678.9018",
        "1234_5678_9018",
        "1,123,456,789,018",
        "123,456,789,018,000",
        "123,456 789,018",
        "1234,567,890,18",
        "123,456,789,010",
        "1.23456789010E+11",
        "1.234567890185E+11",
        "1.23456789018E+12",
        "0.23456789018E+11",
        "1.23456789018E-11",
        "8E11",
        "H-1E5",
        "12345678 9018",
        "123 4567 89018",
        "1234-5678",
        "090-1234-5678",
        "2026-11-20T08:59:00",
        "1234 5678",
        "1234 5678 ",
        "1234-5678-901",
        "資格確認",
        "\xEF\xBC",
        "-",
        "    -    -",
    }));
    CAPTURE(text);
    CHECK_FALSE(contains_personal_number(text));
}

TEST_CASE("a spreadsheet's short form of so great a number could be one") {
    for (const std::string text :
         {"8.95463E+11", "9E+11", "8.9546311529E+11", "8.95463e11", "895.46E+9", "1.23457E+10",
          "８．９５Ｅ＋１１", "No. 8.95E+011"}) {
        CAPTURE(text);
        CHECK(find_personal_number(text) == PersonalNumberTrace::shortened);
        CHECK_FALSE(contains_personal_number(text));
    }
    for (const std::string text :
         {"8.95463E+9", "8.95463E+12", "9E11", "8.95463E-11", "1.5E+3", "E+11", "1.E", "0.0E+11"}) {
        CAPTURE(text);
        CHECK(find_personal_number(text) == PersonalNumberTrace::none);
    }
}

TEST_CASE("a leading zero that a spreadsheet dropped is thought of, for a whole value") {
    std::string number = "01234567890";
    for (char check = '0'; check <= '9'; ++check)
        if (is_personal_number(number + check)) number += check;
    REQUIRE(number.size() == 12);
    const std::string lost = number.substr(1);
    const std::string grouped = lost.substr(0, 2) + "," + lost.substr(2, 3) + "," +
                                lost.substr(5, 3) + "," + lost.substr(8, 3);
    for (const std::string& text :
         {lost, "'" + lost, "=\"" + lost + "\"", lost + ".0", " " + lost + " ", grouped}) {
        CAPTURE(text);
        CHECK(find_personal_number(text) == PersonalNumberTrace::zero_lost);
        CHECK_FALSE(contains_personal_number(text));
    }
    std::string other = lost;
    other.back() = other.back() == '0' ? '1' : '0';
    for (const std::string& text : {other, "H" + lost, lost + "x", lost + ".5", lost.substr(1),
                                    lost + " " + lost, "1" + grouped}) {
        CAPTURE(text);
        CHECK(find_personal_number(text) == PersonalNumberTrace::none);
    }
    CHECK(find_personal_number(lost.substr(0, 1) + "." + lost.substr(1) + "E+10") ==
          PersonalNumberTrace::written);
}

TEST_CASE("all real numbers collected in ../shared agree with the rules") {
    const auto rows = testing::shared_csv("real_numbers.csv");
    if (!rows) return;
    for (const auto& row : *rows) {
        const std::string& kind = row.at(0);
        const std::string& text = row.at(1);
        const bool expected = row.at(3) == "true";
        CAPTURE(kind, text);
        if (kind == "kohi_payer(8)") {
            CHECK(PayerNumber::parse(text)->check_digit_ok() == expected);
        } else if (kind == "recipient(7)") {
            CHECK(RecipientNumber::parse(text)->national_form_ok() == expected);
        } else if (kind.starts_with("insurer(")) {
            CHECK(InsurerNumber::parse(text)->check_digit_ok() == expected);
        } else if (kind == "institution(10)") {
            CHECK(InstitutionCode::parse(text).has_value() == expected);
        } else {
            REQUIRE(kind == "local_gov(6)");
            CHECK(AuthorityCode::parse(text).has_value() == expected);
        }
    }
    CHECK(rows->size() > 70);
}

TEST_CASE("all municipalities and prefectures of ../shared have right codes") {
    const auto municipalities = testing::shared_csv("municipalities-utf8.csv");
    const auto prefectures = testing::shared_csv("prefectures-utf8.csv");
    if (!municipalities || !prefectures) return;
    for (const auto& row : *municipalities) {
        CAPTURE(row.at(3));
        CHECK(AuthorityCode::parse(row.at(9)));
    }
    for (const auto& row : *prefectures) {
        const std::string& code = row.at(8);
        CAPTURE(code);
        CHECK(AuthorityCode::parse(std::string(6 - code.size(), '0') + code)->is_prefecture());
    }
    CHECK(municipalities->size() == 1916);
    CHECK(prefectures->size() == 47);
}

}  // namespace
}  // namespace shikaku::domain
