#include "gateway/support/bytes.h"

#include <array>
#include <catch2/catch.hpp>
#include <numeric>

namespace shikaku {
namespace {

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0xF5});
    return bytes;
}

TEST_CASE("RFC 4648 samples encode and decode") {
    const auto [plain, base64, base64url, hex] =
        GENERATE(table<std::string, std::string, std::string, std::string>({
            {"", "", "", ""},
            {"f", "Zg==", "Zg", "66"},
            {"fo", "Zm8=", "Zm8", "666f"},
            {"foo", "Zm9v", "Zm9v", "666f6f"},
            {"foob", "Zm9vYg==", "Zm9vYg", "666f6f62"},
            {"fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261"},
            {"foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
            {"\xFB\xFF\xFE", "+//+", "-__-", "fbfffe"},
        }));
    const BytesView bytes = as_bytes(plain);
    const Bytes owned(bytes.begin(), bytes.end());
    CHECK(to_base64(bytes) == base64);
    CHECK(to_base64url(bytes) == base64url);
    CHECK(to_hex(bytes) == hex);
    CHECK(from_base64(base64) == owned);
    CHECK(from_base64url(base64url) == owned);
    CHECK(from_hex(hex) == owned);
}

TEST_CASE("every length comes back unchanged through every text form") {
    for (std::size_t size = 0; size < 300; ++size) {
        const Bytes bytes = counting(size);
        CHECK(from_base64(to_base64(bytes)) == bytes);
        CHECK(from_base64url(to_base64url(bytes)) == bytes);
        CHECK(from_hex(to_hex(bytes)) == bytes);
    }
}

TEST_CASE("bad base64 is refused") {
    const std::string bad = GENERATE(values<std::string>({
        "Zg",       "Zg=",     "Zm8",     "Zg===",
        "Zg====",   "=",       "==",      "====",
        "Zg==Zg==", "Z===",  // padding
        "Zh==",     "Zm9=",  // trailing bits
        "Zm9v ",    " Zm9v",   "Zm9v\n",  "Zm 9v",
        "Zm\n9",    "Zg= =",  // whitespace
        "-__-",     "Zm9\x80", "Zm9\xFF", std::string("Zm9\0", 4),
        "Zm9*",     "Z=g=",  // strangers
    }));
    CAPTURE(bad);
    CHECK_FALSE(from_base64(bad).has_value());
}

TEST_CASE("bad base64url is refused, into new bytes and into a buffer") {
    const std::string bad = GENERATE(values<std::string>({
        "A",       "AAAAA",   "Zg==",    "Zm8=",
        "Zm9vYg=", "=",                              // impossible length, padding
        "Zh",      "Zm9",     "AAAAZh",  "AAAAZm9",  // trailing bits
        "Zm9v ",   " Zm9v",   "Zm9v\n",  "Zm 9",     // whitespace
        "+//+",    "Zm9\x80", "Zm9\xFF", std::string("Zm9\0", 4),
        "Zm9.",    "!A",      "A!",      "AA!",
    }));
    CAPTURE(bad);
    CHECK_FALSE(from_base64url(bad).has_value());
    std::array<std::uint8_t, 64> buffer{};
    CHECK_FALSE(from_base64url(bad, buffer).has_value());
}

TEST_CASE("bad hex is refused; both cases are read") {
    const std::string bad =
        GENERATE(values<std::string>({"0", "000", "0g", "g0", " 00", "0x00", "00 ", "\xFF\xFF"}));
    CAPTURE(bad);
    CHECK_FALSE(from_hex(bad).has_value());
    CHECK(from_hex("aBCdEf") == Bytes{0xAB, 0xCD, 0xEF});
}

TEST_CASE("base64url into a buffer reports its size and refuses a short buffer") {
    std::array<std::uint8_t, 6> buffer{};
    CHECK(from_base64url("Zm9vYmFy", buffer) == 6U);
    CHECK(as_text(buffer) == "foobar");
    CHECK(from_base64url("Zm9vYg", buffer) == 4U);
    CHECK(from_base64url("", buffer) == 0U);
    CHECK_FALSE(from_base64url("Zm9vYmFy", std::span(buffer).first(5)).has_value());
}

TEST_CASE("numbers are written big-endian and read back") {
    Bytes out;
    put_u16be(out, 0x0102);
    put_u32be(out, 0x03040506);
    put_u64be(out, 0xF708090A0B0C0D0EULL);
    CHECK(to_hex(out) == "010203040506f708090a0b0c0d0e");
    CHECK(get_u16be(out) == 0x0102);
    CHECK(get_u32be(BytesView(out).subspan(2)) == 0x03040506);
    CHECK(get_u64be(BytesView(out).subspan(6)) == 0xF708090A0B0C0D0EULL);
}

}  // namespace
}  // namespace shikaku
