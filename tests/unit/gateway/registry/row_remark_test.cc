#include "gateway/registry/row_remark.h"

#include <catch2/catch.hpp>
#include <set>

using namespace shikaku::registry;

TEST_CASE("every code has a name of its own and a sentence in both languages") {
    std::set<std::string> names;
    for (std::size_t i = 0; i < kRowCodes; ++i) {
        const RefusedRow row =
            describe({.line = 3, .column = Column::segment, .code = static_cast<RowCode>(i)});
        CHECK(row.line == 3);
        CHECK(row.column == "segment");
        CHECK(names.insert(row.code).second);
        CHECK_FALSE(row.message.ja.empty());
        CHECK_FALSE(row.message.en.empty());
        CHECK(row.warning == is_warning(static_cast<RowCode>(i)));
    }
}

TEST_CASE("errors.csv opens in a spreadsheet") {
    const std::string csv =
        errors_csv({{.line = 2, .column = Column::valid_to, .code = RowCode::bad_period},
                    {.line = 9, .column = std::nullopt, .code = RowCode::column_count}},
                   true);
    CHECK(csv ==
          "\xEF\xBB\xBFline,column,code,message_ja,message_en\r\n"
          "2,valid_to,bad_period,有効開始日が有効終了日より後です。,The period ends before it "
          "begins.\r\n"
          "9,,column_count,列の数が見出しと違います。,The number of columns differs from the "
          "header's.\r\n");
}

TEST_CASE("errors.csv says when rows were left out") {
    const std::string csv = errors_csv({}, false);
    CHECK(csv.find(",more,") != std::string::npos);
    CHECK(errors_csv({}, true).find("more") == std::string::npos);
}
