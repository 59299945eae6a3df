#include "gateway/crypto/hash.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

namespace shikaku::crypto {
namespace {

std::string hex_sha256(std::string_view text) {
    return to_hex(sha256(as_bytes(text)));
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-4") {
    CHECK(hex_sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex_sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(hex_sha256(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("parts hash like their concatenation") {
    const std::string text = "resident of Hachioji";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const std::string_view view = text;
        CHECK(sha256({as_bytes(view.substr(0, cut)), as_bytes(view.substr(cut))}) ==
              sha256(as_bytes(text)));
    }
    CHECK(sha256(std::initializer_list<BytesView>{}) == sha256(as_bytes("")));
}

struct HmacCase {
    std::string key_hex;
    std::string data_hex;
    std::string mac_hex;
};

TEST_CASE("HMAC-SHA256 gives the answers of RFC 4231") {
    const std::string aa131(262, 'a');
    const std::vector<HmacCase> cases = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(40, 'a'),
         [] {
             std::string dd;
             for (int i = 0; i < 50; ++i)
                 dd += "dd";
             return dd;
         }(),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {aa131,
         "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368"
         "204b6579204669727374",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (const HmacCase& row : cases) {
        const Bytes key = *from_hex(row.key_hex);
        const Bytes data = *from_hex(row.data_hex);
        CHECK(to_hex(hmac_sha256(key, data)) == row.mac_hex);
        const HmacKey fixed(key);
        CHECK(to_hex(fixed.mac(data)) == row.mac_hex);
        const BytesView view = data;
        CHECK(to_hex(fixed.mac({view.first(3), view.subspan(3)})) == row.mac_hex);
        CHECK(to_hex(fixed.mac(data)) == row.mac_hex);  // the key's state was not used up
    }
}

TEST_CASE("one HMAC key serves many threads") {
    const HmacKey key(as_bytes("shared"));
    const auto expected = hmac_sha256(as_bytes("shared"), as_bytes("message"));
    std::vector<int> wrong(4);
    {
        std::vector<std::jthread> threads;
        for (int& count : wrong) {
            threads.emplace_back([&key, &expected, &count] {
                for (int i = 0; i < 500; ++i) {
                    if (key.mac(as_bytes("message")) != expected) ++count;
                }
            });
        }
    }
    CHECK(wrong == std::vector<int>(4));
}

TEST_CASE("constant-time comparison is exact about content and size") {
    const Bytes a{1, 2, 3};
    CHECK(equal_constant_time(a, Bytes{1, 2, 3}));
    CHECK_FALSE(equal_constant_time(a, Bytes{1, 2, 4}));
    CHECK_FALSE(equal_constant_time(a, Bytes{1, 2}));
    CHECK_FALSE(equal_constant_time(a, Bytes{}));
    CHECK(equal_constant_time(Bytes{}, Bytes{}));
}

TEST_CASE("wipe leaves zeros, random_bytes does not") {
    Bytes secret(64);
    random_bytes(secret);
    CHECK(secret != Bytes(64));
    wipe(secret);
    CHECK(secret == Bytes(64));
}

}  // namespace
}  // namespace shikaku::crypto
