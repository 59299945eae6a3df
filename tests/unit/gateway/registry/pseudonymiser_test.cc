#include "gateway/registry/pseudonymiser.h"

#include <catch2/catch.hpp>

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
    auto pseudonymiser = Pseudonymiser::make(format, fake_link_key);
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

}  // namespace

TEST_CASE("the number column becomes a link key column, in pieces of any size") {
    const std::string_view file =
        "history_key,personal_number,segment\r\nk1,123456789018,\"A,B\"\r\n";
    for (const std::size_t piece : {1UZ, 2UZ, 1000UZ}) {
        const Outcome outcome = pass(BodyFormat::csv_utf8, file, piece);
        CHECK(outcome.sent == "history_key,link_key,segment\nk1," + kLinkKey + ",\"A,B\"\n");
        CHECK(outcome.kept_back.empty());
        CHECK(outcome.fault.empty());
    }
}

TEST_CASE("a CP932 file stays CP932 and a byte order mark goes") {
    // 個人番号,区分 / 表(95 5C)
    const Outcome cp932 = pass(BodyFormat::csv_cp932,
                               "\x8C\xC2\x90\x6C\x94\xD4\x8D\x86,\x8B\xE6\x95\xAA\n"
                               "123456789018,\x95\x5C\n");
    CHECK(cp932.sent == "link_key,\x8B\xE6\x95\xAA\n" + kLinkKey + ",\x95\x5C\n");
    const Outcome utf8 = pass(BodyFormat::csv_utf8, "\xEF\xBB\xBF個人番号\n123456789018\n", 1);
    CHECK(utf8.sent == "link_key\n" + kLinkKey + "\n");
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
    const Outcome outcome = pass(BodyFormat::csv_utf8,
                                 "history_key,personal_number,segment\n"
                                 "k1,123456789010,A\n"
                                 "\n"
                                 "k2,123456789018,B\n");
    CHECK(outcome.sent == "history_key,link_key,segment\nk1,,\n\nk2," + kLinkKey + ",B\n");
    REQUIRE(outcome.kept_back.size() == 1);
    CHECK(outcome.kept_back[0] == RowRemark{2, Column::link_key, RowCode::bad_personal_number});
}

TEST_CASE("in the place of a row that cannot be attributed an empty one passes") {
    struct Case {
        BodyFormat format;
        std::string_view row, sent;
    };
    const Case cases[] = {
        {BodyFormat::csv_utf8, "k,A,B,C\n", ",,\n"},
        {BodyFormat::csv_utf8, "k,A\n", ",,\n"},
        {BodyFormat::csv_utf8, "k,A\"B,C\n", ",,\n"},
        {BodyFormat::csv_utf8, "k,\"A\"B,C\n", ",,\n"},
        {BodyFormat::csv_utf8, "k,\"A\nj,A,C\",C\n", ",,\n"},
        {BodyFormat::csv_utf8, "123456789018,A,C\n", ",,\n"},
        {BodyFormat::ndjson, "{\"history_key\":\n", "{}\n"},
        {BodyFormat::ndjson, "[]\n", "{}\n"},
        {BodyFormat::ndjson, "{\"history_key\":\"123456789018\"}\n", "{}\n"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.row);
        const bool csv = one.format == BodyFormat::csv_utf8;
        const std::string header = csv ? "history_key,segment,income_segment\n" : "";
        const Outcome outcome = pass(one.format, header + std::string(one.row));
        CHECK(outcome.sent == header + std::string(one.sent));
        CHECK(outcome.kept_back.size() == 1);
    }
}

TEST_CASE("no personal number passes, wherever it stands") {
    struct Case {
        BodyFormat format;
        std::string_view file;
        std::size_t kept_back;
    };
    const Case cases[] = {
        {BodyFormat::csv_utf8, "history_key,segment\nk,123456789018\n", 1},
        {BodyFormat::csv_utf8, "history_key,segment\n123456789018,A\n", 1},
        {BodyFormat::csv_utf8, "history_key,segment\nk,A,123456789018\n", 1},
        {BodyFormat::csv_utf8, "history_key,segment\nk,\"A\"123456789018\n", 1},
        {BodyFormat::csv_utf8, "history_key,segment\nk,１２３４５６７８９０１８\n", 1},
        {BodyFormat::csv_utf8, "history_key,個人番号\nk,123456789018 x\n", 1},
        {BodyFormat::ndjson, "{\"history_key\":\"k\",\"segment\":\"123456789018\"}\n", 1},
        {BodyFormat::ndjson, "{\"history_key\":\"123456789018\",\"personal_number\":\"1\"}\n", 1},
        {BodyFormat::ndjson, "{\"history_key\":\"k\",\"cap\":123456789018}\n", 1},
        {BodyFormat::ndjson, "{\"personal_number\":123456789018}\n", 1},
        {BodyFormat::ndjson, "\"123456789018\"\n", 1},
        {BodyFormat::ndjson, "{\"segment\":\"123456789018\"\n", 1},
        {BodyFormat::ndjson, "{\"history_key\":\"k\",\"personal_number\":\"123456789018\"}\n", 0},
        {BodyFormat::csv_utf8, "history_key,personal_number\nk,123456789018\n", 0},
    };
    for (const Case& one : cases) {
        CAPTURE(one.file);
        const Outcome outcome = pass(one.format, one.file);
        CHECK(outcome.kept_back.size() == one.kept_back);
        CHECK(outcome.sent.find("123456789018") == std::string::npos);
        CHECK(outcome.sent.find("１２３４５６７８９０１８") == std::string::npos);
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

TEST_CASE("files that cannot be read are faults") {
    CHECK(pass(BodyFormat::csv_utf8, "").fault == "empty_file");
    CHECK(pass(BodyFormat::csv_utf8, "a,\"b").fault == "open_quote");
    CHECK(pass(BodyFormat::csv_utf8, "a\"b\n").fault == "bad_header_quoting");
    CHECK(pass(BodyFormat::csv_utf8, "個人番号,personal_number\n").fault ==
          "duplicate_column:personal_number");
    CHECK(pass(BodyFormat::csv_utf8, "history_key\n\x88\xEA\n").fault == "bad_utf8");
    CHECK(pass(BodyFormat::csv_cp932, "history_key\n\xFF\xFF\n").fault == "bad_cp932");
}
