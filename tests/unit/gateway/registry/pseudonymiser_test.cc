#include "gateway/registry/pseudonymiser.h"

#include <catch2/catch.hpp>

#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/file_fault.h"

using namespace shikaku;
using namespace shikaku::registry;

namespace {

// A link key whose first bytes are the last digits, so that the test can see whose it is.
Hash256 fake_link_key(std::string_view digits) {
    Hash256 key{};
    std::copy_n(digits.begin() + 6, 6, key.begin());
    return key;
}

const std::string kLinkKey = to_base64url(fake_link_key("123456789018"));

struct Outcome {
    std::string sent;
    std::vector<RowRemark> kept_back;
    std::string fault;
};

Outcome pass(BodyFormat format, std::string_view file, std::size_t piece = 1000) {
    auto pseudonymiser = Pseudonymiser::make(format, kEntitlementColumns, fake_link_key);
    REQUIRE(pseudonymiser);
    Outcome outcome;
    Status status;
    for (std::size_t i = 0; status && i < file.size(); i += piece)
        status = (*pseudonymiser)->feed(file.substr(i, piece), outcome.sent);
    if (status) status = (*pseudonymiser)->finish(outcome.sent);
    if (!status) outcome.fault = status.error().detail;
    outcome.kept_back = (*pseudonymiser)->kept_back();
    return outcome;
}

constexpr std::string_view kHeader =
    "history_key,certificate_type_id,personal_number,scheme_id,valid_from,valid_to,segment\n";
constexpr std::string_view kSentHeader =
    "history_key,certificate_type_id,link_key,scheme_id,valid_from,valid_to,segment\n";

std::string row(std::string_view key, std::string_view number, std::string_view segment) {
    return std::string(key) + ",t," + std::string(number) + ",s,f,u," + std::string(segment) + "\n";
}

Outcome pass_rows(const std::string& rows, BodyFormat format = BodyFormat::csv_utf8) {
    Outcome outcome = pass(format, std::string(kHeader) + rows);
    REQUIRE(outcome.sent.starts_with(kSentHeader));
    outcome.sent.erase(0, kSentHeader.size());
    return outcome;
}

}  // namespace

TEST_CASE("the number column becomes a link key column, in pieces of any size") {
    const std::string file =
        "\xEF\xBB\xBF" + std::string(kHeader) + row("k1", "123456789018", "\"A,B\"");
    for (const std::size_t piece : {1UZ, 2UZ, 1000UZ}) {
        const Outcome outcome = pass(BodyFormat::csv_utf8, file, piece);
        CHECK(outcome.sent == std::string(kSentHeader) + row("k1", kLinkKey, "\"A,B\""));
        CHECK(outcome.kept_back.empty());
        CHECK(outcome.fault.empty());
    }
}

TEST_CASE("a CP932 file stays CP932") {
    // 個人番号,区分 / 表(95 5C)
    const std::string_view rest =
        ",history_key,certificate_type_id,scheme_id,valid_from,valid_to\n";
    const Outcome cp932 =
        pass(BodyFormat::csv_cp932, "\x8C\xC2\x90\x6C\x94\xD4\x8D\x86,\x8B\xE6\x95\xAA" +
                                        std::string(rest) + "123456789018,\x95\x5C,k,t,s,f,u\n");
    CHECK(cp932.sent ==
          "link_key,\x8B\xE6\x95\xAA" + std::string(rest) + kLinkKey + ",\x95\x5C,k,t,s,f,u\n");
}

TEST_CASE("numbers are taken as offices write them") {
    CHECK(personal_number_digits("123456789018") == "123456789018");
    CHECK(personal_number_digits("1234 5678 9018") == "123456789018");
    CHECK(personal_number_digits("1234-5678-9018") == "123456789018");
    CHECK(personal_number_digits("１２３４５６７８９０１８") == "123456789018");
    CHECK(personal_number_digits("　123456789018 ") == "123456789018");
    for (const std::string_view wrong :
         {"", "123456789010", "12345678901", "1234567890180", "12345 6789018", "123456789018x",
          "一二三四五六七八九〇一八"})
        CHECK(personal_number_digits(wrong).empty());
}

TEST_CASE("a row with a wrong number passes with its history key alone, on its own line") {
    const Outcome outcome =
        pass_rows(row("k1", "123456789010", "A") + "\n" + row("k2", "123456789018", "B"));
    CHECK(outcome.sent == "k1,,,,,,\n\n" + row("k2", kLinkKey, "B"));
    REQUIRE(outcome.kept_back.size() == 1);
    CHECK(outcome.kept_back[0] == RowRemark{2, "link_key"_column, RowCode::bad_personal_number});
}

TEST_CASE("kept back for another cell's fault, a row passes with its link key") {
    const std::string both = "k1,," + kLinkKey + ",,,,\n";
    CHECK(pass_rows(row("k1", "123456789018", "八\x88")).sent == both);
    CHECK(pass_rows(row("k1", "123456789018", "123456789018")).sent == both);
    CHECK(pass_rows("k1,\xFF,123456789018,s,f,u,A\n").sent == both);  // before the number
    CHECK(pass_rows(row("123456789018", "123456789018", "A")).sent == ",," + kLinkKey + ",,,,\n");
    CHECK(pass_rows(row("k1", "123456789010", "\xFF")).sent == "k1,,,,,,\n");
    const std::string object = "{\"history_key\":\"k1\",\"link_key\":\"" + kLinkKey + "\"}\n";
    CHECK(pass(BodyFormat::ndjson,
               "{\"history_key\":\"k1\",\"personal_number\":\"123456789018\","
               "\"segment\":\"123456789018\"}\n")
              .sent == object);
    CHECK(pass(BodyFormat::ndjson,
               "{\"history_key\":\"k1\",\"kojin_bango\":1,\"link_key\":\"" + kLinkKey + "\"}\n")
              .sent == object);
    for (const std::string_view two :
         {"\"personal_number\":\"123456789018\"", "\"link_key\":\"x\""})
        CHECK(pass(BodyFormat::ndjson, "{\"history_key\":\"k1\",\"個人番号\":\"123456789018\"," +
                                           std::string(two) + ",\"kojin_bango\":1}\n")
                  .sent == "{\"history_key\":\"k1\"}\n");
    // A file with link keys, in the columns that there are: what is none does not pass.
    const std::string header(kSentHeader);
    CHECK(pass(BodyFormat::csv_utf8, header + row("k1", kLinkKey, "\xFF")).sent == header + both);
    CHECK(pass(BodyFormat::csv_utf8, header + row("k1", "Sakura 1-2-3", "\xFF")).sent ==
          header + "k1,,,,,,\n");
}

TEST_CASE("in the place of a row that cannot be attributed an empty one passes") {
    for (const std::string& bad :
         {row("k,k", "", "A"), std::string("k,A\n"), row("k", "", "A\"B"), row("k", "", "\"A\"B"),
          row("k", "", "\"A\nj,t,,s,f,u,A\""), row("123456789018", "", "A"),
          row("8.95463E+11", "", "A"), row("k\xFF", "", "A")}) {
        CAPTURE(bad);
        const Outcome outcome = pass_rows(bad);
        CHECK(outcome.sent == ",,,,,,\n");
        CHECK(outcome.kept_back.size() == 1);
    }
    for (const std::string_view bad :
         {"{\"history_key\":\n", "[]\n", "{\"history_key\":\"123456789018\"}\n",
          "{\"history_key\":123456789018}\n", "{\"histry_key\":\"k\"}\n"}) {
        CAPTURE(bad);
        const Outcome outcome = pass(BodyFormat::ndjson, bad);
        CHECK(outcome.sent == "{}\n");
        CHECK(outcome.kept_back.size() == 1);
    }
}

TEST_CASE("nothing is sent before every column of the header line is known") {
    struct Case {
        std::string file;
        std::string_view fault;
    };
    const std::string header(kHeader);
    const Case cases[] = {
        {row("k1", "123456789018", "A") + row("k2", "895463115289", "A"), "unknown_column"},
        {"k1,123456789018\n", "unknown_column"},
        {"123456789018\n" + header, "unknown_column"},
        {"history_key,personal_number\nk,123456789018\n", "missing_column:certificate_type_id"},
        {"x," + header + "x," + row("k1", "123456789018", "A"), "unknown_column"},
        {"個人番号," + header, "duplicate_column:personal_number"},
        {"link_key," + header, "duplicate_column:link_key"},
        {"histor\xFFy_key," + header, "bad_utf8"},
    };
    for (const Case& one : cases) {
        for (const std::size_t piece : {1UZ, 1000UZ}) {
            CAPTURE(one.file);
            const Outcome outcome = pass(BodyFormat::csv_utf8, one.file, piece);
            CHECK(outcome.fault == one.fault);
            CHECK(outcome.sent.empty());
        }
    }
}

TEST_CASE("no personal number passes, wherever it stands and however it is written") {
    for (const std::string_view number :
         {"123456789018", "１２３４５６７８９０１８", "1234-5678-9018", "1234 5678 9018",
          "\"123,456,789,018\"", "'123456789018", "123456789018.0", "1.23456789018E+11",
          "1.23457E+11", "1234\u200B5678\u200B9018"}) {
        CAPTURE(number);
        const std::string digits =
            number.starts_with('"') ? "123,456,789,018" : std::string(number);
        for (const std::string& bad : {row("k", "", number), row(number, "", "A"),
                                       row("k", std::string(number) + " x", "A")}) {
            CAPTURE(bad);
            const Outcome outcome = pass_rows(bad);
            CHECK(outcome.kept_back.size() == 1);
            CHECK_FALSE(outcome.sent.contains(digits));
        }
    }
    for (const std::string_view line : {
             "{\"history_key\":\"k\",\"segment\":\"123456789018\"}\n",
             "{\"history_key\":\"k\",\"segment\":\"1.23456789018E+11\"}\n",
             "{\"history_key\":\"k\",\"segment\":\"\\u0031\\u00323456789018\"}\n",
             "{\"history_key\":\"k\",\"segment\":[\"123456789018\"]}\n",
             "{\"history_key\":\"k\",\"segment\":{\"123456789018\":1}}\n",
             "{\"history_key\":\"123456789018\",\"personal_number\":\"1\"}\n",
             "{\"history_key\":\"k\",\"cap_monthly_yen\":123456789018}\n",
             "{\"history_key\":\"k\",\"cap_monthly_yen\":1.23456789018e11}\n",
             "{\"history_key\":\"k\",\"cap_monthly_yen\":1.23457e11}\n",
             "{\"history_key\":\"k\",\"kojin_bango\":\"123456789018\"}\n",
             "{\"123456789018\":1}\n",
             "{\"personal_number\":123456789018}\n",
             "\"123456789018\"\n",
             "{\"segment\":\"123456789018\"\n",
         }) {
        CAPTURE(line);
        const Outcome outcome = pass(BodyFormat::ndjson, line);
        CHECK(outcome.kept_back.size() == 1);
        CHECK((outcome.sent == "{\"history_key\":\"k\"}\n" || outcome.sent == "{}\n"));
    }
}

TEST_CASE("NDJSON members keep their order and lines their numbers") {
    const Outcome outcome =
        pass(BodyFormat::ndjson,
             "{\"history_key\":\"k1\",\"個人番号\":\"123456789018\",\"segment\":\"A\"}\n"
             "\n"
             "{broken\n"
             "{\"history_key\":\"k4\",\"personal_number\":\"999\",\"segment\":\"B\"}",
             3);
    CHECK(outcome.sent == "{\"history_key\":\"k1\",\"link_key\":\"" + kLinkKey +
                              "\",\"segment\":\"A\"}\n\n{}\n{\"history_key\":\"k4\"}\n");
    REQUIRE(outcome.kept_back.size() == 2);
    CHECK(outcome.kept_back[0].line == 3);
    CHECK(outcome.kept_back[1].line == 4);
}

TEST_CASE("a cell that cannot be read keeps its row back, not the file") {
    const Outcome utf8 = pass_rows(row("k1", "", "八\x88") + row("k2", "", "八王子"));
    CHECK(utf8.sent == "k1,,,,,,\n" + row("k2", "", "八王子"));
    REQUIRE(utf8.kept_back.size() == 1);
    CHECK(utf8.kept_back[0] == RowRemark{2, "segment"_column, RowCode::undecodable});
    const Outcome cp932 =
        pass_rows(row("k1", "", "\x88") + row("k2", "", "\x88\xEA"), BodyFormat::csv_cp932);
    CHECK(cp932.sent == "k1,,,,,,\n" + row("k2", "", "\x88\xEA"));
}

TEST_CASE("files that cannot be read are faults") {
    CHECK(pass(BodyFormat::csv_utf8, "").fault == "empty_file");
    CHECK(pass(BodyFormat::csv_utf8, "a,\"b").fault == "open_quote");
    CHECK(pass(BodyFormat::csv_utf8, "a\"b\n").fault == "bad_header_quoting");
    CHECK(pass(BodyFormat::csv_utf8, std::string(kHeader) + "\x94\xAA\x89\xA4\x8E\x71\n").fault ==
          "cp932_as_utf8");
    CHECK(pass(BodyFormat::csv_cp932, std::string(kHeader) + "八王子\n").fault == "utf8_as_cp932");
    CHECK(pass(BodyFormat::ndjson, "{\"segment\":\"\x94\xAA\x89\xA4\x8E\x71\"}\n").fault ==
          "cp932_as_utf8");
}
