#include "gateway/registry/csv_reader.h"

#include <catch2/catch.hpp>

#include "gateway/registry/file_fault.h"
#include "gateway/support/bounds.h"

using namespace shikaku;
using namespace shikaku::registry;

namespace {

// "1:[a|b] 2![c]" (! for not well formed), then the fault if there was one.
std::string read(std::string_view text, std::size_t piece) {
    std::string seen;
    CsvReader reader([&seen](const CsvRecord& record) -> Status {
        if (!seen.empty()) seen += ' ';
        seen += std::to_string(record.line) + (record.well_formed ? ":[" : "![");
        for (std::size_t i = 0; i < record.fields.size(); ++i) {
            if (i > 0) seen += '|';
            seen += record.fields[i];
        }
        seen += ']';
        return {};
    });
    Status status;
    for (std::size_t i = 0; status && i < text.size(); i += piece)
        status = reader.feed(text.substr(i, piece));
    if (status) status = reader.finish();
    if (!status) seen += " " + status.error().detail + " " + status.error().pointer;
    return seen;
}

}  // namespace

TEST_CASE("records are read as RFC 4180 says, in pieces of any size") {
    struct Case {
        std::string_view text, records;
    };
    const Case cases[] = {
        {"", ""},
        {"a", "1:[a]"},
        {"a\n", "1:[a]"},
        {"a\r\n", "1:[a]"},
        {"a\r", "1:[a]"},
        {"a,b", "1:[a|b]"},
        {"a,b\nc,d", "1:[a|b] 2:[c|d]"},
        {"a,b\r\nc,d\r\n", "1:[a|b] 2:[c|d]"},
        {",", "1:[|]"},
        {",,\n", "1:[||]"},
        {"\n\na\n\n\nb\n", "3:[a] 6:[b]"},
        {"\r\n\r\na\r\n", "3:[a]"},
        {"\"a\",\"b\"", "1:[a|b]"},
        {"\"\"", "1:[]"},
        {"\"\",x", "1:[|x]"},
        {"\"a,b\",c", "1:[a,b|c]"},
        {"\"a\"\"b\"", "1:[a\"b]"},
        {"\"\"\"\"", "1:[\"]"},
        {"\"a\nb\",c\nd,e", "1:[a\nb|c] 3:[d|e]"},
        {"\"a\r\nb\"\r\nc", "1:[a\r\nb] 3:[c]"},
        {" a , b ", "1:[ a | b ]"},
        {"八王子,\"東,京\"", "1:[八王子|東,京]"},
        {"\x95\x5C,\x83\x5C", "1:[\x95\x5C|\x83\x5C]"},  // CP932 as it is
    };
    for (const Case& one : cases) {
        for (const std::size_t piece : {1UZ, 2UZ, 3UZ, 1000UZ}) {
            CAPTURE(one.text, piece);
            CHECK(read(one.text, piece) == one.records);
        }
    }
}

TEST_CASE("bad quoting harms its own record only") {
    struct Case {
        std::string_view text, records;
    };
    const Case cases[] = {
        {"a\"b\nc", "1![a\"b] 2:[c]"},
        {"a\"b\",c\nd", "1![a\"b\"|c] 2:[d]"},
        {"\"a\"b\nc", "1![ab] 2:[c]"},
        {"\"a\" ,b\nc", "1![a |b] 2:[c]"},
        {"\"a\"\"\"b\nc", "1![a\"b] 2:[c]"},
        {"a\rb\nc", "1![ab] 2:[c]"},
        {"a\r\rb\nc", "1![ab] 2:[c]"},
        {"\"a\"\rb\nc", "1![ab] 2:[c]"},
        {"x,\"y\"z,\"w\"\nc", "1![x|yz|w] 2:[c]"},
        {"\"\"\"a\"b\"\nc", "1![\"ab\"] 2:[c]"},
    };
    for (const Case& one : cases) {
        for (const std::size_t piece : {1UZ, 2UZ, 1000UZ}) {
            CAPTURE(one.text, piece);
            CHECK(read(one.text, piece) == one.records);
        }
    }
}

TEST_CASE("what cannot be a CSV file is a fault with its line") {
    const std::string long_field(bounds::kCsvLineBytes + 1, 'x');
    const std::string commas(bounds::kCsvColumns, ',');
    struct Case {
        std::string text, records;
    };
    const Case cases[] = {
        {"\"", " open_quote line 1"},
        {"\"abc", " open_quote line 1"},
        {"a\n\"b\nc\nd", "1:[a] open_quote line 2"},
        {"\"a\"\"", " open_quote line 1"},
        {"a,\"b", " open_quote line 1"},
        {"a\n" + long_field, "1:[a] line_too_long line 2"},
        {"\"" + long_field + "\"", " line_too_long line 1"},
        {"a\n" + commas, "1:[a] too_many_columns line 2"},
        {"\"" + std::string(bounds::kCsvLineBytes + 5, '\n'), " line_too_long line 1"},
    };
    for (const Case& one : cases) {
        for (const std::size_t piece : {7UZ, 100'000UZ}) {
            CAPTURE(one.records, piece);
            CHECK(read(one.text, piece) == one.records);
        }
    }
}

TEST_CASE("a record at the bounds is read") {
    std::size_t fields = 0;
    std::size_t bytes = 0;
    CsvReader reader([&](const CsvRecord& record) -> Status {
        fields = record.fields.size();
        bytes = record.fields[0].size();
        return {};
    });
    const std::string text =
        std::string(bounds::kCsvLineBytes, 'x') + std::string(bounds::kCsvColumns - 1, ',') + "\n";
    REQUIRE(reader.feed(text));
    REQUIRE(reader.finish());
    CHECK(fields == bounds::kCsvColumns);
    CHECK(bytes == bounds::kCsvLineBytes);
}

TEST_CASE("an error of the handler ends the reading") {
    int calls = 0;
    CsvReader reader([&calls](const CsvRecord&) -> Status {
        ++calls;
        return fail(ErrorCode::storage_unavailable, "full");
    });
    const auto fed = reader.feed("a\nb\n");
    REQUIRE_FALSE(fed);
    CHECK(fed.error().code == ErrorCode::storage_unavailable);
    CHECK(calls == 1);
}

TEST_CASE("fields are quoted only where needed, and read back the same") {
    for (const std::string_view field :
         {"", "plain", "with,comma", "with\"quote", "with\nline", "\"", "東京"}) {
        std::string line;
        append_csv_field(line, field);
        line += ",end";
        std::string back;
        CsvReader reader([&back](const CsvRecord& record) -> Status {
            back = record.fields[0];
            return {};
        });
        REQUIRE(reader.feed(line));
        REQUIRE(reader.finish());
        CHECK(back == field);
    }
    std::string plain;
    append_csv_field(plain, "plain");
    CHECK(plain == "plain");
}
