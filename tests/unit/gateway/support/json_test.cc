#include "gateway/support/json.h"

#include <catch2/catch.hpp>
#include <limits>

#include "gateway/support/bounds.h"

namespace shikaku {
namespace {

std::string repeated(std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += piece;
    return out;
}

TEST_CASE("valid JSON is read, members in their order") {
    const auto json =
        parse_json(R"( {"z": [1, -2, 3.5e2, true, false, null, []], "a": {"": "x"}} )");
    REQUIRE(json.has_value());
    CHECK(json->dump() == R"({"z":[1,-2,350.0,true,false,null,[]],"a":{"":"x"}})");
    CHECK((*json)["a"][""] == "x");
    CHECK((*json)["z"][0].is_number_integer());
}

TEST_CASE("a value alone is JSON") {
    CHECK(parse_json("7")->dump() == "7");
    CHECK(parse_json("\"\"")->dump() == "\"\"");
    CHECK(parse_json("null")->is_null());
    CHECK(parse_json("18446744073709551615")->get<std::uint64_t>() == UINT64_MAX);
    CHECK(parse_json("-9223372036854775808")->get<std::int64_t>() == INT64_MIN);
}

TEST_CASE("escapes and multi-byte text are read") {
    const auto json = parse_json(R"("\"\\\/\b\f\n\r\t\u0041\u8cc7\ud842\udfb7資格𠮷")");
    REQUIRE(json.has_value());
    CHECK(json->get<std::string>() == "\"\\/\b\f\n\r\tA資𠮷資格𠮷");
    CHECK(parse_json(R"("\u0000")")->get<std::string>() == std::string(1, '\0'));
}

TEST_CASE("bad JSON is refused and not quoted") {
    const std::string bad = GENERATE(values<std::string>({
        // not a value, or more than one
        "",
        " ",
        "SECRET",
        "{",
        "}",
        "[",
        "]",
        "{}{}",
        "1 2",
        "[] SECRET",
        "nul",
        "True",
        "'SECRET'",
        // separators
        "[1,]",
        "[,1]",
        "[1 2]",
        R"({"a":1,})",
        R"({"a" 1})",
        R"({"a":})",
        R"({a:1})",
        R"({1:1})",
        // numbers
        "01",
        "+1",
        "1.",
        ".5",
        "1e",
        "0x10",
        "NaN",
        "Infinity",
        "-",
        "1e400",
        "-1e999",
        "--1",
        // comments
        "/* SECRET */ 1",
        "// SECRET\n1",
        "1 # SECRET",
        // strings
        "\"SECRET",
        "\"a\nSECRET\"",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\t\"",
        std::string("\"a\0SECRET\"", 10),
        // NUL bytes, which must not end the input
        std::string("1\0", 2),
        std::string("{}\0SECRET", 9),
        std::string("\0", 1),
        // invalid UTF-8: lone byte, overlong, surrogate, beyond U+10FFFF, cut off
        "\"\x80\"",
        "\"\xC0\xAF\"",
        "\"\xED\xA0\x80\"",
        "\"\xF4\x90\x80\x80\"",
        "\"\xE8\xB3\"",
        "\xFF",
        // byte order mark
        "\xEF\xBB\xBF{}",
        // the same key twice, also when spelled differently, also deep
        R"({"SECRET":1,"SECRET":1})",
        R"({"SECRET":1,"b":2,"\u0053ECRET":3})",
        R"([{"x":{"SECRET":[],"SECRET":{}}}])",
    }));
    CAPTURE(bad);
    const auto json = parse_json(bad);
    REQUIRE_FALSE(json.has_value());
    CHECK(json.error().code == ErrorCode::malformed_request);
    CHECK_FALSE(json.error().detail.empty());
    CHECK_THAT(json.error().detail, !Catch::Contains("SECRET"));
}

TEST_CASE("the place of an error is named") {
    CHECK(parse_json("[1,2,x]").error().detail == "not valid JSON at byte 6");
    CHECK(parse_json(R"({"a":1,"a":2})").error().detail == "an object has the same key twice");
}

TEST_CASE("nesting up to the bound is read and one level more is refused") {
    const std::size_t bound = bounds::kJsonDepth;
    CHECK(parse_json(repeated("[", bound) + repeated("]", bound)).has_value());
    CHECK(parse_json(repeated(R"({"a":)", bound) + "1" + repeated("}", bound)).has_value());
    const auto deep = parse_json(repeated("[", bound + 1) + repeated("]", bound + 1));
    REQUIRE_FALSE(deep.has_value());
    CHECK(deep.error().detail == "nested deeper than 32 levels");
    CHECK_FALSE(parse_json(repeated(R"({"a":)", 100'000)).has_value());
    CHECK_FALSE(parse_json(repeated("[", 100'000)).has_value());
}

TEST_CASE("siblings at one depth do not count as nesting") {
    CHECK(parse_json("[" + repeated("[{}],", 1000) + "[]]").has_value());
}

TEST_CASE(
    "duplicates are found among many members, and many members are not taken for duplicates") {
    std::string object = "{";
    for (int i = 0; i < 900; ++i)
        object += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    const auto all = parse_json(object + R"("last":1})");
    REQUIRE(all.has_value());
    CHECK(all->size() == 901);
    CHECK((*all)["k777"] == 777);
    CHECK_FALSE(parse_json(object + R"("k0":1})").has_value());
    CHECK_FALSE(parse_json(object + R"("k899":1})").has_value());
}

TEST_CASE("the writer puts commas between members and items, and nowhere else") {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .field("a", 1)
        .key("b")
        .begin_array()
        .end_array()
        .key("c")
        .begin_array()
        .begin_object()
        .end_object()
        .begin_array()
        .number(1)
        .end_array()
        .null()
        .boolean(true)
        .raw("{\"r\":0}")
        .string("s")
        .end_array()
        .key("d")
        .begin_object()
        .field("e", "f")
        .end_object()
        .field("g", false)
        .end_object();
    CHECK(out == R"({"a":1,"b":[],"c":[{},[1],null,true,{"r":0},"s"],"d":{"e":"f"},"g":false})");
}

TEST_CASE("the writer appends to what is there") {
    std::string out = "data: ";
    JsonWriter(out).number(1);
    CHECK(out == "data: 1");
}

TEST_CASE("numbers are written in full") {
    std::string out;
    JsonWriter(out)
        .begin_array()
        .number(0)
        .number(std::numeric_limits<std::int64_t>::min())
        .number(std::numeric_limits<std::int64_t>::max())
        .end_array();
    CHECK(out == "[0,-9223372036854775808,9223372036854775807]");
}

TEST_CASE("what the writer escapes the reader gives back") {
    std::string all;
    for (int c = 0; c < 0x80; ++c)
        all += static_cast<char>(c);
    all += "資格\u2028\u2029𠮷";
    std::string out;
    JsonWriter(out).string(all);
    CHECK(parse_json(out)->get<std::string>() == all);
    CHECK_THAT(out, Catch::Contains(R"(\u0000\u0001)") && Catch::Contains(R"(\b\t\n\u000b\f\r)") &&
                        Catch::Contains(R"(\u001f !\")") && Catch::Contains("[\\\\]") &&
                        Catch::Contains("\x7F資格\u2028\u2029𠮷"));
}

}  // namespace
}  // namespace shikaku
