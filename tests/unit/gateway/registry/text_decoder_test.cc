#include "gateway/registry/text_decoder.h"

#include <catch2/catch.hpp>

#include "gateway/registry/file_fault.h"

using namespace shikaku;
using namespace shikaku::registry;
using Charset = TextDecoder::Charset;

namespace {

// Decodes in pieces of the given size; the text, or "fault place".
std::string decode(Charset charset, std::string_view bytes, std::size_t piece) {
    auto decoder = TextDecoder::make(charset);
    REQUIRE(decoder);
    std::string out;
    Status status;
    for (std::size_t i = 0; status && i < bytes.size(); i += piece)
        status = decoder->feed(bytes.substr(i, piece), out);
    if (status) status = decoder->finish();
    if (status) return out;
    CHECK(is_file_fault(status.error()));
    return status.error().detail + " " + status.error().pointer;
}

}  // namespace

TEST_CASE("text decodes the same in pieces of any size") {
    struct Case {
        Charset charset;
        std::string_view bytes, text;
    };
    const Case cases[] = {
        {Charset::utf8, "", ""},
        {Charset::utf8, "a,b\n", "a,b\n"},
        {Charset::utf8, "八王子市", "八王子市"},
        {Charset::utf8, "\xEF\xBB\xBF八王子", "八王子"},
        {Charset::utf8, "𠮷野家", "𠮷野家"},
        {Charset::cp932, "abc", "abc"},
        {Charset::cp932, "\x94\xAA\x89\xA4\x8E\x71", "八王子"},
        {Charset::cp932, "\xCA\xC1\xB5\xB3\xBC\xDE", "ﾊﾁｵｳｼﾞ"},
        {Charset::cp932, "\xF0\x40\xF9\xFC", "\xEE\x80\x80\xEE\x9D\x97"},
        {Charset::cp932, "\x95\x5C,\x94\x5C", "表,能"},  // trail byte 5C
    };
    for (const Case& one : cases) {
        for (std::size_t piece = 1; piece <= 7; ++piece) {
            CAPTURE(one.text, piece);
            CHECK(decode(one.charset, one.bytes, piece) == one.text);
        }
    }
}

TEST_CASE("bytes that mean nothing are named by line and never replaced") {
    struct Case {
        Charset charset;
        std::string_view bytes, fault;
    };
    const Case cases[] = {
        {Charset::utf8, "a\nb\xFF\n", "bad_utf8 line 2"},
        {Charset::utf8, "\xC0\xAF", "bad_utf8 line 1"},            // overlong
        {Charset::utf8, "\xED\xA0\x80 ", "bad_utf8 line 1"},       // surrogate
        {Charset::utf8, "\xF4\x90\x80\x80", "bad_utf8 line 1"},    // above U+10FFFF
        {Charset::utf8, "\x94\xAA\x89\xA4\n", "bad_utf8 line 1"},  // CP932 said to be UTF-8
        {Charset::utf8, "abc\xE5\x85", "cut_character line 1"},
        {Charset::cp932, "\x81\n", "bad_cp932 line 1"},
        {Charset::cp932, "x\ny\n\xFD", "bad_cp932 line 3"},
        {Charset::cp932, "\xA0", "bad_cp932 line 1"},
        {Charset::cp932, "\x85\x40", "bad_cp932 line 1"},
        {Charset::cp932, "ok\n\x88", "cut_character line 2"},
    };
    for (const Case& one : cases) {
        for (const std::size_t piece : {1UZ, 2UZ, 100UZ}) {
            CAPTURE(one.fault, piece);
            CHECK(decode(one.charset, one.bytes, piece) == one.fault);
        }
    }
    CHECK(decode(Charset::utf8, std::string_view("a\nb\0c", 5), 2) == "nul_byte line 2");
    CHECK(decode(Charset::cp932, std::string_view("\0", 1), 2) == "nul_byte line 1");
}
