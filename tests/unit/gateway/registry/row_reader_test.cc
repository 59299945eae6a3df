#include "gateway/registry/row_reader.h"

#include <catch2/catch.hpp>

#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/file_fault.h"
#include "gateway/support/bounds.h"

using namespace shikaku;
using namespace shikaku::registry;

namespace {

// "line:history_key/segment/cap/deleted/conditions" or "line!code", joined by spaces, then the
// error.
std::string read(BodyFormat format, std::string_view body, std::size_t piece) {
    std::string seen;
    const auto take = [&seen](const RawRow& row, std::span<const RowRemark> faults) -> Status {
        if (!seen.empty()) seen += ' ';
        seen += std::to_string(row.line);
        if (!faults.empty()) seen += "!" + std::string(name(faults[0].code));
        seen += ':';
        for (const Column column :
             {"history_key"_column, "segment"_column, "cap_monthly_yen"_column, "deleted"_column,
              "additional_conditions"_column}) {
            if (column != "history_key"_column) seen += '/';
            seen += row[column];
        }
        return {};
    };
    auto reader = RowReader::make(format, kEntitlementColumns, take);
    REQUIRE(reader);
    Status status;
    for (std::size_t i = 0; status && i < body.size(); i += piece)
        status = (*reader)->feed(body.substr(i, piece));
    if (status) status = (*reader)->finish();
    if (!status) {
        seen += seen.empty() ? "" : " ";
        seen += is_file_fault(status.error()) ? status.error().detail
                                              : std::string(name(status.error().code));
    }
    return seen;
}

constexpr std::string_view kHeader =
    "history_key,certificate_type_id,link_key,scheme_id,valid_from,valid_to,segment\n";

}  // namespace

TEST_CASE("CSV rows arrive with their columns") {
    const std::string body =
        std::string(kHeader) + "k1,t,l,s,f,u,A\nk2,t,l,s,f,u,\"B,C\"\nk3,,,,,,D";
    for (const std::size_t piece : {1UZ, 5UZ, 1000UZ})
        CHECK(read(BodyFormat::csv_utf8, body, piece) == "2:k1/A/// 3:k2/B,C/// 4:k3/D///");
}

TEST_CASE("CP932 with a Japanese header and CRLF") {
    // 履歴キー,受給者証種別ID,リンクキー,制度ID,資格有効開始日,資格有効終了日,区分 / 値: 一, 甲
    const std::string body =
        "\x97\x9A\x97\xF0\x83\x4C\x81\x5B,\x8E\xF3\x8B\x8B\x8E\xD2\x8F\xD8\x8E\xED\x95\xCA"
        "ID,\x83\x8A\x83\x93\x83\x4E\x83\x4C\x81\x5B,\x90\xA7\x93\x78"
        "ID,\x8E\x91\x8A\x69\x97\x4C\x8C\xF8\x8A\x4A\x8E\x6E\x93\xFA,"
        "\x8E\x91\x8A\x69\x97\x4C\x8C\xF8\x8F\x49\x97\xB9\x93\xFA,\x8B\xE6\x95\xAA\r\n"
        "\x88\xEA,t,l,s,f,u,\x8D\x62\r\n";
    for (const std::size_t piece : {1UZ, 3UZ, 1000UZ})
        CHECK(read(BodyFormat::csv_cp932, body, piece) == "2:一/甲///");
}

TEST_CASE("rows that cannot be read are handed over as faults") {
    const std::string body =
        std::string(kHeader) + "k1,t\nk2,t,l,s,f,u,A,too,many\nk\"3,t,l,s,f,u,A\n";
    CHECK(read(BodyFormat::csv_utf8, body, 1000) ==
          "2!column_count://// 3!column_count://// 4!bad_quoting:////");
    // The row of k2 is inside a cell of k1's.
    CHECK(read(BodyFormat::csv_utf8,
               std::string(kHeader) + "k1,t,l,s,f,u,\"A\nk2,t,l,s,f,u,A\"\nk3,t,l,s,f,u,A\n",
               1000) == "2!control_character://// 4:k3/A///");
}

TEST_CASE("files that cannot be used") {
    struct Case {
        BodyFormat format;
        std::string body, outcome;
    };
    const std::string header(kHeader);
    const Case cases[] = {
        {BodyFormat::csv_utf8, "", "empty_file"},
        {BodyFormat::csv_utf8, "\n\n\n", "empty_file"},
        {BodyFormat::csv_utf8, "\xEF\xBB\xBF", "empty_file"},
        {BodyFormat::csv_utf8, "history_key\n", "missing_column:certificate_type_id"},
        {BodyFormat::csv_utf8, "\"a\"b\n", "bad_header_quoting"},
        {BodyFormat::csv_utf8, header + "k,\"cut", "open_quote"},
        {BodyFormat::csv_utf8, "k\xFFy," + header, "bad_utf8"},
        {BodyFormat::csv_cp932, header + "k,t,l,s,f,u,区分\n", "2:k/蛹ｺ蛻\xFF/// utf8_as_cp932"},
        {BodyFormat::csv_utf8, header + "k,t,l,s,f,u,\x8B\xE6\x95\xAA\n",
         "2:k/\xFF敪/// cp932_as_utf8"},
        {BodyFormat::csv_cp932, "\xEF\xBB\xBF" + header, "bad_cp932"},  // UTF-8 said to be CP932
        {BodyFormat::csv_utf8, "\x97\x9A\x97\xF0\x83\x4C\x81\x5B,a\n", "bad_utf8"},
        {BodyFormat::csv_utf8, std::string("PK\x03\x04\x00\x00", 6), "nul_byte"},
        {BodyFormat::csv_utf8, "personal_number," + header, "personal_number_refused"},
        {BodyFormat::csv_utf8, "個人番号," + header, "personal_number_refused"},
        {BodyFormat::ndjson, "{\"personal_number\":\"x\"}\n", "personal_number_refused"},
        {BodyFormat::ndjson, std::string(bounds::kCsvLineBytes + 1, ' '), "line_too_long"},
        {BodyFormat::ndjson, std::string("{}\n\0", 4), "1://// 2!bad_json:////"},
        {BodyFormat::ndjson, "{\"segment\":\"\xFF\"}\n", "1!undecodable:////"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.outcome);
        CHECK(read(one.format, one.body, 1) == one.outcome);
        CHECK(read(one.format, one.body, 100'000) == one.outcome);
    }
}

TEST_CASE("NDJSON values may have their natural types") {
    const std::string_view body =
        "{\"history_key\":\"k1\",\"segment\":\"A\",\"cap_monthly_yen\":5000,\"deleted\":true,"
        "\"additional_conditions\":[\"01-02\",\"03-04\"]}\r\n"
        "\n"
        "{\"履歴キー\":\"k2\",\"segment\":null,\"deleted\":false,\"additional_conditions\":[]}\n"
        "{\"history_key\":\"k3\",\"cap_monthly_yen\":\"5000\",\"deleted\":\"1\"}";
    for (const std::size_t piece : {1UZ, 7UZ, 1000UZ})
        CHECK(read(BodyFormat::ndjson, body, piece) ==
              "1:k1/A/5000/1/01-02;03-04 3:k2///0/ 4:k3//5000/1/");
}

TEST_CASE("bad NDJSON lines harm themselves only") {
    struct Case {
        std::string_view line, outcome;
    };
    const Case cases[] = {
        {"{", "1!bad_json:////"},
        {"{\"history_key\":\"k\",}", "1!bad_json:////"},
        {"{\"history_key\":\"k\",\"history_key\":\"k\"}", "1!bad_json:////"},
        {"nul", "1!bad_json:////"},
        {"[]", "1!not_an_object:////"},
        {"\"text\"", "1!not_an_object:////"},
        {"{\"history_key\":\"k\",\"nope\":1}", "1!unknown_member:k////"},
        {"{\"history_key\":1}", "1!wrong_type:////"},
        {"{\"history_key\":\"a\",\"履歴キー\":\"b\"}", "1!duplicate_member:////"},
        {"{\"history_key\":\"k\",\"segment\":true}", "1!wrong_type:k////"},
        {"{\"history_key\":\"k\",\"deleted\":1}", "1!wrong_type:k////"},
        {"{\"history_key\":\"k\",\"cap_monthly_yen\":1.5}", "1!wrong_type:k////"},
        {"{\"history_key\":\"k\",\"segment\":[\"A\"]}", "1!wrong_type:k////"},
        {"{\"history_key\":\"k\",\"additional_conditions\":[1]}", "1!wrong_type:k////"},
        {"{\"history_key\":\"k\",\"additional_conditions\":[\"a;b\"]}", "1!wrong_type:k////"},
        {"{\"history_key\":\"k\",\"segment\":{\"a\":1}}", "1!wrong_type:k////"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.line);
        const std::string body = std::string(one.line) + "\n{\"history_key\":\"next\"}\n";
        CHECK(read(BodyFormat::ndjson, body, 1000) == std::string(one.outcome) + " 2:next////");
    }
}
