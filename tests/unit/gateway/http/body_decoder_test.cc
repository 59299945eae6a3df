#include "gateway/http/body_decoder.h"

#include <catch2/catch.hpp>
#include <optional>

#include "gateway/support/bounds.h"

namespace shikaku::http::testing {

namespace {

constexpr std::uint64_t kLimit = 100;

struct Decoded {
    std::string body;
    std::size_t taken = 0;
    std::optional<ErrorCode> error;
    bool done = false;
};

// `piece` bytes at a time, each in an allocation of its own so that a read past it is seen.
Decoded decode(BodyDecoder decoder, std::string_view wire, std::size_t piece) {
    Decoded out;
    while (out.taken < wire.size() && !decoder.done()) {
        const std::string part(wire.substr(out.taken, piece));
        const auto taken = decoder.decode(part, out.body);
        if (!taken) {
            out.error = taken.error().code;
            return out;
        }
        out.taken += *taken;
        if (*taken < part.size()) break;
    }
    out.done = decoder.done();
    return out;
}

}  // namespace

TEST_CASE("a chunked body is the same in pieces of any size, and what follows it stays") {
    const std::string wire =
        "5\r\nhello\r\n06;name=value;q=\"a b\"\r\n world\r\n0;last\r\nTrailer: "
        "x\r\nOther:\r\n\r\nGET ";
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
        INFO("pieces of " << piece);
        const Decoded got = decode(BodyDecoder::chunked(kLimit), wire, piece);
        CHECK(got.done);
        CHECK(got.body == "hello world");
        CHECK(got.taken == wire.size() - 4);
    }
}

TEST_CASE("a counted body ends at its length") {
    CHECK(decode(BodyDecoder::counted(0), "GET", 3).done);
    CHECK(BodyDecoder().done());
    for (std::size_t piece = 1; piece <= 8; ++piece) {
        const Decoded got = decode(BodyDecoder::counted(5), "helloGET", piece);
        CHECK(got.done);
        CHECK(got.body == "hello");
        CHECK(got.taken == 5);
    }
}

TEST_CASE("malformed chunks are refused") {
    const char* const rows[] = {
        "\r\n",                            // no size
        "g\r\n",                           // not hexadecimal
        " 5\r\nhello\r\n",                 // blank before
        "5 \r\nhello\r\n",                 // blank after
        "5 ;a\r\nhello\r\n",               // blank before the extension
        "+5\r\nhello\r\n",                 // sign
        "-1\r\n",                          //
        "0x5\r\nhello\r\n",                // prefix
        "5\nhello\r\n",                    // bare line feed
        "5\rhello\r\n",                    // bare carriage return
        "5\r\nhello\n0\r\n\r\n",           // bare line feed after the data
        "5\r\nhello0\r\n\r\n",             // no line end after the data
        "5\r\nhello!\r\n0\r\n\r\n",        // longer than its size
        "5;a\x01\r\nhello\r\n",            // control character in an extension
        "5;a\nb\r\nhello\r\n",             // line feed in an extension
        "5\x00\r\nhello\r\n",              // ends the literal early: "5" then nothing
        "10000000000000000\r\n",           // 17 digits
        "00000000000000005\r\nhello\r\n",  // 17 digits
        "0\r\nTrailer\r\n\r\n",            // no colon
        "0\r\n: x\r\n\r\n",                // no name
        "0\r\nA: x\n\r\n",                 // bare line feed
        "0\r\n A: x\r\n\r\n",              // folded
        "0\r\nA : x\r\n\r\n",              // blank before the colon
        "0\r\nA: \x7f\r\n\r\n",            // control character
        "0\r\n\rX",                        // bare carriage return
    };
    for (const char* row : rows) {
        const std::string_view wire(row);
        for (const std::size_t piece : {std::size_t{1}, wire.size()}) {
            INFO(wire);
            const Decoded got = decode(BodyDecoder::chunked(kLimit), wire, piece);
            CHECK_FALSE(got.done);
            if (wire != "5") CHECK(got.error == ErrorCode::malformed_request);
        }
    }
}

TEST_CASE("a chunk beyond the limit is refused before its first byte") {
    CHECK(decode(BodyDecoder::chunked(kLimit), "65\r\n", 4).error == ErrorCode::body_too_large);
    CHECK(decode(BodyDecoder::chunked(kLimit), "ffffffffffffffff\r\n", 99).error ==
          ErrorCode::body_too_large);
    const std::string sixty = "3c\r\n" + std::string(60, 'x') + "\r\n";
    CHECK(decode(BodyDecoder::chunked(kLimit), sixty + sixty, 7).error ==
          ErrorCode::body_too_large);
    CHECK(
        decode(BodyDecoder::chunked(kLimit), "64\r\n" + std::string(100, 'x') + "\r\n0\r\n\r\n", 7)
            .done);
}

TEST_CASE("extensions and trailers are bounded over the whole message") {
    const std::string extension(bounds::kChunkOverheadBytes / 2, 'e');
    std::string wire;
    for (int i = 0; i < 3; ++i)
        wire += "1;" + extension + "\r\nx\r\n";
    CHECK(decode(BodyDecoder::chunked(kLimit), wire, 1000).error == ErrorCode::malformed_request);

    // Sizes are bounded by what they are sizes of.
    const auto chunks = [](const char* size) {
        std::string all;
        for (int i = 0; i < 10'000; ++i)
            all += std::string(size) + "\r\nx\r\n";
        return all + "0\r\n\r\n";
    };
    CHECK(decode(BodyDecoder::chunked(10'000), chunks("1"), 1000).done);
    CHECK(decode(BodyDecoder::chunked(10'000), chunks("0000000000000001"), 1000).error ==
          ErrorCode::malformed_request);

    wire = "0\r\n";
    for (int i = 0; i < 2000; ++i)
        wire += "A: b\r\n";
    CHECK(decode(BodyDecoder::chunked(kLimit), wire, 1000).error == ErrorCode::malformed_request);
}

}  // namespace shikaku::http::testing
