#include "gateway/registry/columns.h"

#include <catch2/catch.hpp>

#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/file_fault.h"
#include "gateway/support/text.h"

using namespace shikaku;
using namespace shikaku::registry;

namespace {

Result<Header> header_of(std::string_view line) {
    const auto fields = split(line, ',');
    return read_header(kEntitlementColumns, fields);
}

constexpr std::string_view kRequired =
    "history_key,certificate_type_id,link_key,scheme_id,valid_from,valid_to";

}  // namespace

TEST_CASE("English and Japanese names may be mixed, in any order, with spaces around") {
    const auto header =
        header_of("資格有効終了日, link_key ,制度ID,　履歴キー　,valid_from,受給者証種別ID,区分");
    REQUIRE(header);
    CHECK(*header == Header{"valid_to"_column, "link_key"_column, "scheme_id"_column,
                            "history_key"_column, "valid_from"_column, "certificate_type_id"_column,
                            "segment"_column});
}

// Remarks and what is filled in a row are kept under these numbers.
TEST_CASE("columns keep their numbers, and are found by all of their names") {
    const std::vector<std::string_view> names[] = {
        {"history_key", "履歴キー"},
        {"certificate_type_id", "受給者証種別ID", "機関別受給者証種別ID"},
        {"link_key", "リンクキー", "連携キー"},
        {"scheme_id", "制度ID"},
        {"payer_number", "公費負担者番号"},
        {"recipient_number", "受給者番号", "公費受給者番号"},
        {"certificate_name", "受給者証名"},
        {"segment", "区分"},
        {"income_segment", "所得区分"},
        {"additional_conditions", "追加条件"},
        {"designated_institutions", "指定医療機関", "指定医療機関情報"},
        {"always_reimbursement", "常に償還払い"},
        {"cap_monthly_yen", "自己負担上限月額", "自己負担上限額"},
        {"valid_from", "資格有効開始日", "有効開始日"},
        {"valid_to", "資格有効終了日", "有効終了日"},
        {"not_disclosed", "不開示", "不開示フラグ"},
        {"birth_date", "生年月日"},
        {"deleted", "削除", "削除フラグ"},
    };
    std::uint8_t number = 0;
    for (const auto& column_names : names) {
        const auto column = static_cast<Column>(number++);
        CHECK(kEntitlementColumns.name(column) == column_names.front());
        for (const std::string_view one : column_names)
            CHECK(kEntitlementColumns.find(one) == column);
    }
    CHECK_FALSE(kEntitlementColumns.find(""));
    CHECK_FALSE(kEntitlementColumns.find("History_key"));
}

TEST_CASE("a header that cannot be used is refused with the reason, quoting nothing") {
    struct Case {
        std::string_view header, detail, pointer;
    };
    const std::string unknown = std::string(kRequired) + ",zzz";
    const std::string misspelt = std::string(kRequired) + ",recipent_number";
    const std::string japanese = std::string(kRequired) + ",公費負担者番";
    const std::string twice = std::string(kRequired) + ",segment,区分";
    const Case cases[] = {
        {unknown, "unknown_column", "column 7"},
        {misspelt, "unknown_column:recipient_number", "column 7"},
        {japanese, "unknown_column:payer_number", "column 7"},
        {twice, "duplicate_column:segment", "column 8"},
        {"history_key", "missing_column:certificate_type_id", ""},
        {"certificate_type_id,link_key,scheme_id,valid_from,valid_to", "missing_column:history_key",
         ""},
        {"history_key,,link_key", "unknown_column", "column 2"},
        {"1,2,3,4", "unknown_column", "column 1"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.header);
        const auto header = header_of(one.header);
        REQUIRE_FALSE(header);
        CHECK(is_file_fault(header.error()));
        CHECK(header.error().detail == one.detail);
        CHECK(header.error().pointer == one.pointer);
        const auto text = describe_file_fault(header.error());
        CHECK_FALSE(text.ja.empty());
        CHECK_FALSE(text.en.empty());
    }
}

TEST_CASE("a column of personal numbers is refused by name") {
    for (const std::string_view column : {"personal_number", "個人番号", " マイナンバー "}) {
        const auto header = header_of(std::string(kRequired) + "," + std::string(column));
        REQUIRE_FALSE(header);
        CHECK(header.error().code == ErrorCode::personal_number_refused);
    }
}

TEST_CASE("a suggestion reads well in both languages") {
    const auto text =
        describe_file_fault(file_fault(FileFault::unknown_column, "column 7", "valid_to"));
    CHECK(text.ja == "7列目: 見出しに知らない列名があります。「valid_to」のことですか。");
    CHECK(text.en ==
          "column 7: The header has a column name that is not known. Did you mean \"valid_to\"?");
}
