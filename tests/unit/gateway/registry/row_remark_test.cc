#include "gateway/registry/row_remark.h"

#include <catch2/catch.hpp>

#include "gateway/registry/entitlement_kind.h"

using namespace shikaku::registry;

// Remarks of a publication are kept under these numbers.
TEST_CASE("codes keep their numbers and names, and have a sentence in both languages") {
    const char* const names[] = {"column_count",
                                 "bad_quoting",
                                 "bad_json",
                                 "not_an_object",
                                 "unknown_member",
                                 "wrong_type",
                                 "personal_number",
                                 "missing_value",
                                 "too_long",
                                 "control_character",
                                 "bad_link_key",
                                 "unknown_scheme",
                                 "bad_payer_number",
                                 "bad_condition",
                                 "bad_institution_code",
                                 "too_many_items",
                                 "bad_flag",
                                 "bad_cap",
                                 "bad_date",
                                 "bad_period",
                                 "bad_birth_date",
                                 "duplicate_history_key",
                                 "bad_personal_number",
                                 "kept_back",
                                 "payer_check_digit",
                                 "payer_not_in_scheme",
                                 "overlapping_period",
                                 "unmapped_character",
                                 "unknown_history_key",
                                 "empty_row",
                                 "duplicate_member",
                                 "not_comparable",
                                 "shortened_personal_number",
                                 "undecodable",
                                 "hidden_character"};
    for (std::uint8_t number = 0; const char* text : names) {
        const auto code = static_cast<RowCode>(number++);
        CHECK(name(code) == text);
        const RefusedRow row =
            describe({.line = 3, .column = "segment"_column, .code = code}, kEntitlementColumns);
        CHECK(row.line == 3);
        CHECK(row.column == "segment");
        CHECK(row.code == text);
        CHECK_FALSE(row.message.ja.empty());
        CHECK_FALSE(row.message.en.empty());
        CHECK(row.warning == is_warning(code));
    }
}

TEST_CASE("errors.csv opens in a spreadsheet") {
    const std::string csv =
        errors_csv({{.line = 2, .column = "valid_to"_column, .code = RowCode::bad_period},
                    {.line = 9, .column = std::nullopt, .code = RowCode::column_count}},
                   kEntitlementColumns, true);
    CHECK(csv ==
          "\xEF\xBB\xBFline,column,code,message_ja,message_en\r\n"
          "2,valid_to,bad_period,有効開始日が有効終了日より後です。,The period ends before it "
          "begins.\r\n"
          "9,,column_count,列の数が見出しと違います。,The number of columns differs from the "
          "header's.\r\n");
}

TEST_CASE("errors.csv says when rows were left out") {
    const std::string csv = errors_csv({}, kEntitlementColumns, false);
    CHECK(csv.find(",more,") != std::string::npos);
    CHECK(errors_csv({}, kEntitlementColumns, true).find("more") == std::string::npos);
}
