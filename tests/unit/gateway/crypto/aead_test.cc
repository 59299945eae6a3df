#include "gateway/crypto/aead.h"

#include <catch2/catch.hpp>
#include <string>

namespace shikaku::crypto {
namespace {

Hash256 key_of(std::uint8_t byte) {
    Hash256 key;
    key.fill(byte);
    return key;
}

// c2sp.org/XAES-256-GCM, "Test vectors": the top bit of the first block's encryption clear and set.
TEST_CASE("XAES-256-GCM as the specification's vectors have it") {
    struct Vector {
        std::uint8_t key;
        std::string context, sealed;
    };
    const auto vector = GENERATE(
        values<Vector>({{1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
                        {3, "c2sp.org/XAES-256-GCM",
                         "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"}}));
    const std::string nonce = "ABCDEFGHIJKLMNOPQRSTUVWX";
    const std::string plain = "XAES-256-GCM";
    const AeadKey key(key_of(vector.key));
    Bytes sealed(plain.size() + kNonceBytes + kTagBytes);
    key.seal_with(as_bytes(nonce), as_bytes(vector.context), as_bytes(plain), sealed.data());
    CHECK(as_text(BytesView(sealed).first(kNonceBytes)) == nonce);
    CHECK(to_hex(BytesView(sealed).subspan(kNonceBytes)) == vector.sealed);
    Bytes opened(plain.size());
    CHECK(key.open(as_bytes(vector.context), sealed, opened.data()));
    CHECK(as_text(opened) == plain);
    sealed.back() ^= 1;
    CHECK_FALSE(key.open(as_bytes(vector.context), sealed, opened.data()));
}

TEST_CASE("keys used in turns on one thread do not take each other's schedule") {
    const AeadKey one(key_of(1)), other(key_of(3));
    const std::string plain = "payload";
    Bytes opened(plain.size());
    for (int round = 0; round < 3; ++round) {
        Bytes by_one(plain.size() + kNonceBytes + kTagBytes), by_other = by_one;
        one.seal({}, as_bytes(plain), by_one.data());
        other.seal({}, as_bytes(plain), by_other.data());
        CHECK(one.open({}, by_one, opened.data()));
        CHECK(other.open({}, by_other, opened.data()));
        CHECK_FALSE(one.open({}, by_other, opened.data()));
    }
}

}  // namespace
}  // namespace shikaku::crypto
