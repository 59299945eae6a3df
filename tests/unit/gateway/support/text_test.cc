#include "gateway/support/text.h"

#include <catch2/catch.hpp>
#include <cstdint>

namespace shikaku {
namespace {

std::string encoded(std::uint32_t code_point) {
    std::string out;
    const auto tail = [&](unsigned shift) {
        out += static_cast<char>(0x80U | (code_point >> shift & 0x3FU));
    };
    if (code_point < 0x80) {
        out += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        out += static_cast<char>(0xC0U | code_point >> 6U);
        tail(0);
    } else if (code_point < 0x10000) {
        out += static_cast<char>(0xE0U | code_point >> 12U);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | code_point >> 18U);
        tail(12);
        tail(6);
        tail(0);
    }
    return out;
}

TEST_CASE("every code point is valid UTF-8 except surrogates and what lies beyond Unicode") {
    std::size_t wrong = 0;
    for (std::uint32_t code_point = 0; code_point < 0x120000; ++code_point) {
        const bool valid = code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
        const std::string text = encoded(code_point);
        if (is_valid_utf8(text) != valid) ++wrong;
        if (valid && utf8_length(text) != 1) ++wrong;
        if (valid && text.size() > 1 && is_valid_utf8(text.substr(0, text.size() - 1))) ++wrong;
        if (valid && text.size() > 1 && is_valid_utf8(text.substr(1))) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("malformed UTF-8 is found wherever it stands") {
    const std::string bad = GENERATE(values<std::string>({
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xC2\x41",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xE3\x81",
        "\xE3\x81\x41",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF0\xA0\xAE",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFE",
        "\xFF",
    }));
    CHECK_FALSE(is_valid_utf8(bad));
    for (std::size_t before = 0; before < 20; ++before) {
        CHECK_FALSE(is_valid_utf8(std::string(before, 'a') + bad));
        CHECK_FALSE(is_valid_utf8(std::string(before, 'a') + bad + "資格 and more text"));
    }
}

TEST_CASE("mixed text is valid and counted in code points") {
    CHECK(is_valid_utf8(""));
    CHECK(is_valid_utf8("plain ASCII, longer than eight"));
    CHECK(is_valid_utf8("受給者証 A-1 𠮷野 é"));
    CHECK(utf8_length("") == 0);
    CHECK(utf8_length("受給者証 A-1 𠮷野 é") == 13);
}

TEST_CASE("digits are ASCII digits, at least one") {
    CHECK(is_digits("0"));
    CHECK(is_digits("0123456789"));
    for (const auto* text : {"", " ", "1 ", "-1", "1.0", "１", "a", "1\n"}) {
        CAPTURE(text);
        CHECK_FALSE(is_digits(text));
    }
}

TEST_CASE("trim takes spaces and tabs from both ends only") {
    CHECK(trim("") == "");
    CHECK(trim(" \t ") == "");
    CHECK(trim("a") == "a");
    CHECK(trim(" \ta b\t ") == "a b");
    CHECK(trim("\na\r") == "\na\r");
}

TEST_CASE("iequals ignores the case of ASCII letters and of nothing else") {
    CHECK(iequals("", ""));
    CHECK(iequals("Content-LENGTH", "content-length"));
    CHECK_FALSE(iequals("a", "ab"));
    CHECK_FALSE(iequals("@", "`"));
    CHECK_FALSE(iequals("[", "{"));
    CHECK_FALSE(iequals("É", "é"));
}

TEST_CASE("wide spaces are trimmed at both ends") {
    CHECK(trim_wide("　 a　b 　") == "a　b");
    CHECK(trim_wide("　　").empty());
    CHECK(trim_wide("") == "");
}

TEST_CASE("split keeps empty parts") {
    using Parts = std::vector<std::string_view>;
    CHECK(split("", ',') == Parts{""});
    CHECK(split("a", ',') == Parts{"a"});
    CHECK(split(",a,,b,", ',') == Parts{"", "a", "", "b", ""});
}

}  // namespace
}  // namespace shikaku
