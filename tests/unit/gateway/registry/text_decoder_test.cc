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
    for (std::size_t i = 0; i < bytes.size(); i += piece)
        decoder->feed(bytes.substr(i, piece), out);
    const Status status = decoder->finish();
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

TEST_CASE("a byte that means nothing is marked, and what stands around it stays") {
    struct Case {
        Charset charset;
        std::string_view bytes, text;
    };
    const Case cases[] = {
        {Charset::utf8, "a\nb\xFF\n", "a\nb\xFF\n"},
        {Charset::utf8, "\xC0\xAF", "\xFF\xFF"},                      // overlong
        {Charset::utf8, "\xED\xA0\x80 ", "\xFF\xFF\xFF "},            // surrogate
        {Charset::utf8, "\xF4\x90\x80\x80", "\xFF\xFF\xFF\xFF"},      // above U+10FFFF
        {Charset::utf8, "\x94\xAA\x89\xA4\n", "\xFF\xFF\xFF\xFF\n"},  // CP932
        {Charset::utf8, "\xE5\x85,八,\xFF", "\xFF\xFF,八,\xFF"},
        {Charset::utf8, "\xE5\"八", "\xFF\"八"},
        {Charset::cp932, "\x81\n", "\xFF\n"},
        {Charset::cp932, "\x81,\"", "\xFF,\""},
        {Charset::cp932, "\x81\xFF,", "\xFF\xFF,"},
        {Charset::cp932, "x\ny\n\xFD", "x\ny\n\xFF"},
        {Charset::cp932, "\xA0", "\xFF"},
        {Charset::cp932, "\x85\x40,", "\xFF@,"},
        {Charset::cp932, "\xEF\xBB\xBF,", "\xFFｿ,"},
    };
    for (const Case& one : cases) {
        for (const std::size_t piece : {1UZ, 2UZ, 100UZ}) {
            CAPTURE(one.bytes, piece);
            // A mark at the very end may be a character cut off: then it is a fault.
            CHECK(decode(one.charset, std::string(one.bytes) + "z", piece) ==
                  std::string(one.text) + "z");
        }
    }
    CHECK(decode(Charset::utf8, std::string_view("a\nb\0c", 5), 2) ==
          std::string_view("a\nb\0c", 5));
}

TEST_CASE("a character cut off at the end is a fault of the file") {
    CHECK(decode(Charset::utf8, "abc\xE5\x85", 2) == "cut_character line 1");
    CHECK(decode(Charset::cp932, "ok\n\x88", 2) == "cut_character line 2");
}

TEST_CASE("which character set a file is in is told from its bytes, not its label") {
    const std::string utf8 = "history_key,氏名\n1,八王子\n2,医療費助成\n";
    const std::string cp932 = "history_key,\x8B\xE6\x95\xAA\n1,\x94\xAA\x89\xA4\x8E\x71\n";
    const auto seen = [](std::string_view bytes, std::size_t piece) {
        CharsetEvidence evidence;
        for (std::size_t i = 0; i < bytes.size(); i += piece)
            evidence.feed(bytes.substr(i, piece));
        const auto fault = [&evidence](Charset label) {
            const auto checked = check_charset(label, evidence);
            return checked ? std::string() : checked.error().detail;
        };
        return fault(Charset::utf8) + "/" + fault(Charset::cp932);
    };
    for (const std::size_t piece : {1UZ, 2UZ, 3UZ, 1000UZ}) {
        CAPTURE(piece);
        CHECK(seen(utf8, piece) == "/utf8_as_cp932");
        CHECK(seen(utf8 + "\xFF\n", piece) == "/utf8_as_cp932");
        CHECK(seen(cp932, piece) == "cp932_as_utf8/");
        CHECK(seen(cp932 + "\xFF\n", piece) == "cp932_as_utf8/");
        CHECK(seen("plain,1\n", piece) == "/");
        CHECK(seen("plain\x88 a,1\n", piece) == "/");    // one slip speaks for neither
        CHECK(seen("plain\x88\x61,1\n", piece) == "/");  // even one that has a meaning
        CHECK(seen("\xCA\xC1\xB5\xB3\xBC\xDE", piece) == "/");
        CHECK(seen("\xE3\x81\x82\xA0", piece) == "/");  // 縺 and あ, as CP932
    }
}
