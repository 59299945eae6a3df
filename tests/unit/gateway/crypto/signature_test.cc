#include "gateway/crypto/signature.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/gateway/crypto/wycheproof.h"

namespace shikaku::crypto {
namespace {

constexpr std::array kAll = {Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384,
                             Algorithm::EdDSA};
constexpr std::string_view kMessage = "八王子市, a message";

const SigningKey& signing_key(Algorithm algorithm) {
    static std::map<Algorithm, SigningKey> keys;
    auto found = keys.find(algorithm);
    if (found == keys.end()) found = keys.emplace(algorithm, SigningKey::generate(algorithm)).first;
    return found->second;
}

Json public_jwk(Algorithm algorithm) {
    return signing_key(algorithm).public_jwk("k", algorithm);
}

TEST_CASE("what a key signs, its public JWK verifies, and no other algorithm does") {
    for (const Algorithm algorithm : kAll) {
        INFO(name(algorithm));
        const Bytes signature = signing_key(algorithm).sign(algorithm, as_bytes(kMessage));
        const auto key = VerifyKey::from_jwk(public_jwk(algorithm));
        REQUIRE(key);
        CHECK(key->key_id() == "k");
        for (const Algorithm other : kAll) {
            CHECK(key->allows(other) == (other == algorithm));
            CHECK(key->verify(other, as_bytes(kMessage), signature) == (other == algorithm));
        }
        CHECK_FALSE(key->verify(algorithm, as_bytes("another message"), signature));
        CHECK_FALSE(key->verify(algorithm, as_bytes(kMessage), {}));
    }
}

TEST_CASE("a signature with one bit turned, an octet more or an octet less is refused") {
    for (const Algorithm algorithm : kAll) {
        INFO(name(algorithm));
        const Bytes good = signing_key(algorithm).sign(algorithm, as_bytes(kMessage));
        const auto key = VerifyKey::from_jwk(public_jwk(algorithm));
        REQUIRE(key);
        for (std::size_t i = 0; i < good.size(); i += 7) {
            Bytes bad = good;
            bad[i] = static_cast<std::uint8_t>(bad[i] ^ 1U << (i % 8));
            CHECK_FALSE(key->verify(algorithm, as_bytes(kMessage), bad));
        }
        Bytes longer = good;
        longer.push_back(0);
        CHECK_FALSE(key->verify(algorithm, as_bytes(kMessage), longer));
        longer.pop_back();
        longer.insert(longer.begin(), 0);
        CHECK_FALSE(key->verify(algorithm, as_bytes(kMessage), longer));
        longer = good;  // of ECDSA the same two numbers, the second with a zero before it
        longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(good.size() / 2), 0);
        CHECK_FALSE(key->verify(algorithm, as_bytes(kMessage), longer));
        CHECK_FALSE(
            key->verify(algorithm, as_bytes(kMessage), BytesView(good).first(good.size() - 1)));
        CHECK(key->verify(algorithm, as_bytes(kMessage), good));
    }
}

TEST_CASE("ECDSA refuses zero and overlong numbers") {
    const auto key = VerifyKey::from_jwk(public_jwk(Algorithm::ES256));
    REQUIRE(key);
    CHECK_FALSE(key->verify(Algorithm::ES256, as_bytes(kMessage), Bytes(64, 0)));
    CHECK_FALSE(key->verify(Algorithm::ES256, as_bytes(kMessage), Bytes(64, 0xff)));
    CHECK_FALSE(key->verify(Algorithm::ES256, as_bytes(kMessage), Bytes(96, 1)));
}

TEST_CASE("a PEM key round trip keeps the key") {
    for (const Algorithm algorithm : kAll) {
        INFO(name(algorithm));
        const auto again = SigningKey::from_pem(signing_key(algorithm).pem());
        REQUIRE(again);
        CHECK(again->public_jwk("k", algorithm) == public_jwk(algorithm));
        CHECK(again->allows(algorithm));
        CHECK_FALSE(
            again->allows(algorithm == Algorithm::EdDSA ? Algorithm::ES256 : Algorithm::EdDSA));
    }
    CHECK_FALSE(SigningKey::from_pem(""));
    CHECK_FALSE(
        SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
}

TEST_CASE("Ed25519 gives the signatures of RFC 8032 section 7.1") {
    // TEST 2, as PKCS#8: the fixed prefix of RFC 8410 and the 32 bytes of the seed.
    const Bytes pkcs8 = *from_hex(
        "302e020100300506032b657004220420"
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    const auto key = SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\n" + to_base64(pkcs8) +
                                          "\n-----END PRIVATE KEY-----\n");
    REQUIRE(key);
    const Bytes message{0x72};
    const std::string signature =
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    CHECK(to_hex(key->sign(Algorithm::EdDSA, message)) == signature);
    const auto raw = key->ed25519_public();
    REQUIRE(raw);
    CHECK(to_hex(*raw) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const auto verify = VerifyKey::from_ed25519(*raw);
    REQUIRE(verify);
    CHECK(verify->verify(Algorithm::EdDSA, message, *from_hex(signature)));
    CHECK_FALSE(VerifyKey::from_ed25519(BytesView(*raw).first(31)));
    const auto with_sign = [](Bytes y) {
        y.back() |= 0x80;
        return y;
    };
    const auto twice_encoded = [](std::uint8_t lowest) {
        Bytes y(32, 0xff);
        y.front() = lowest;
        y.back() = 0x7f;
        return y;
    };
    std::vector<Bytes> useless;
    for (const char* y : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
        useless.push_back(*from_hex(y));
    for (int lowest = 0xed; lowest <= 0xff; ++lowest)  // the prime and beyond
        useless.push_back(twice_encoded(static_cast<std::uint8_t>(lowest)));
    for (const Bytes& y : useless) {
        for (const Bytes& point : {y, with_sign(y)}) {
            INFO(to_hex(point));
            CHECK_FALSE(VerifyKey::from_ed25519(point));
            CHECK_FALSE(VerifyKey::from_jwk(
                {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", to_base64url(point)}}));
            Bytes spki = *from_hex("302a300506032b6570032100");
            spki.insert(spki.end(), point.begin(), point.end());
            CHECK_FALSE(VerifyKey::from_spki(spki, Algorithm::EdDSA));
        }
    }
    CHECK(VerifyKey::from_ed25519(twice_encoded(0xeb)));  // the last but one below the prime
    CHECK_FALSE(signing_key(Algorithm::ES256).ed25519_public());
}

TEST_CASE("an RSA key without alg serves RS256 and PS256 and nothing else") {
    Json jwk = public_jwk(Algorithm::RS256);
    jwk.erase("alg");
    jwk.erase("kid");
    const auto key = VerifyKey::from_jwk(jwk);
    REQUIRE(key);
    CHECK(key->key_id().empty());
    for (const Algorithm algorithm : kAll) {
        CHECK(key->allows(algorithm) ==
              (algorithm == Algorithm::RS256 || algorithm == Algorithm::PS256));
    }
    for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::PS256}) {
        const Bytes signature = signing_key(Algorithm::RS256).sign(algorithm, as_bytes(kMessage));
        CHECK(key->verify(algorithm, as_bytes(kMessage), signature));
    }
}

struct BadJwk {
    const char* why;
    Algorithm from;
    std::function<void(Json&)> change;
};

std::string padded_front(const Json& member) {
    Bytes bytes = *from_base64url(member.get<std::string>());
    bytes.insert(bytes.begin(), 0);
    return to_base64url(bytes);
}

TEST_CASE("a bad JWK is refused") {
    const std::vector<BadJwk> table = {
        {"not an object", Algorithm::RS256, [](Json& k) { k = Json::array(); }},
        {"no kty", Algorithm::RS256, [](Json& k) { k.erase("kty"); }},
        {"kty not a string", Algorithm::RS256, [](Json& k) { k["kty"] = 1; }},
        {"unknown kty", Algorithm::RS256, [](Json& k) { k["kty"] = "rsa"; }},
        {"oct", Algorithm::RS256, [](Json& k) { k = {{"kty", "oct"}, {"k", "AAAA"}}; }},
        {"private exponent", Algorithm::RS256, [](Json& k) { k["d"] = "AQAB"; }},
        {"prime", Algorithm::RS256, [](Json& k) { k["p"] = "AQAB"; }},
        {"private EC", Algorithm::ES256, [](Json& k) { k["d"] = k["x"]; }},
        {"use enc", Algorithm::RS256, [](Json& k) { k["use"] = "enc"; }},
        {"use not a string", Algorithm::RS256, [](Json& k) { k["use"] = 1; }},
        {"key_ops encrypt", Algorithm::RS256, [](Json& k) { k["key_ops"] = {"encrypt"}; }},
        {"key_ops empty", Algorithm::RS256, [](Json& k) { k["key_ops"] = Json::array(); }},
        {"key_ops not an array", Algorithm::RS256, [](Json& k) { k["key_ops"] = "verify"; }},
        {"alg outside the five", Algorithm::RS256, [](Json& k) { k["alg"] = "RS384"; }},
        {"alg none", Algorithm::RS256, [](Json& k) { k["alg"] = "none"; }},
        {"alg not a string", Algorithm::RS256, [](Json& k) { k["alg"] = 256; }},
        {"alg of another type", Algorithm::RS256, [](Json& k) { k["alg"] = "ES256"; }},
        {"alg of another curve", Algorithm::ES256, [](Json& k) { k["alg"] = "ES384"; }},
        {"kid not a string", Algorithm::RS256, [](Json& k) { k["kid"] = 7; }},
        {"no n", Algorithm::RS256, [](Json& k) { k.erase("n"); }},
        {"no e", Algorithm::RS256, [](Json& k) { k.erase("e"); }},
        {"n padded base64", Algorithm::RS256,
         [](Json& k) { k["n"] = k["n"].get<std::string>() + "="; }},
        {"n leading zero", Algorithm::RS256, [](Json& k) { k["n"] = padded_front(k["n"]); }},
        {"n empty", Algorithm::RS256, [](Json& k) { k["n"] = ""; }},
        {"n of 2040 bits", Algorithm::RS256,
         [](Json& k) { k["n"] = to_base64url(Bytes(255, 0xff)); }},
        {"n of 8200 bits", Algorithm::RS256,
         [](Json& k) { k["n"] = to_base64url(Bytes(1025, 0xff)); }},
        {"n even", Algorithm::RS256, [](Json& k) { k["n"] = to_base64url(Bytes(256, 0xfe)); }},
        {"e 1", Algorithm::RS256, [](Json& k) { k["e"] = "AQ"; }},
        {"e even", Algorithm::RS256, [](Json& k) { k["e"] = "Ag"; }},
        {"e of 72 bits", Algorithm::RS256, [](Json& k) { k["e"] = to_base64url(Bytes(9, 0xff)); }},
        {"no crv", Algorithm::ES256, [](Json& k) { k.erase("crv"); }},
        {"crv P-521", Algorithm::ES256, [](Json& k) { k["crv"] = "P-521"; }},
        {"crv secp256k1", Algorithm::ES256, [](Json& k) { k["crv"] = "secp256k1"; }},
        {"no y", Algorithm::ES256, [](Json& k) { k.erase("y"); }},
        {"x too wide", Algorithm::ES256, [](Json& k) { k["x"] = padded_front(k["x"]); }},
        {"x too narrow", Algorithm::ES384, [](Json& k) { k["x"] = to_base64url(Bytes(32, 1)); }},
        {"point off the curve", Algorithm::ES256,
         [](Json& k) { k["y"] = to_base64url(Bytes(32, 1)); }},
        {"coordinates beyond the field", Algorithm::ES256,
         [](Json& k) { k["x"] = k["y"] = to_base64url(Bytes(32, 0xff)); }},
        {"OKP of another curve", Algorithm::EdDSA, [](Json& k) { k["crv"] = "X25519"; }},
        {"OKP of 31 bytes", Algorithm::EdDSA, [](Json& k) { k["x"] = to_base64url(Bytes(31, 1)); }},
    };
    for (const BadJwk& row : table) {
        INFO(row.why);
        Json jwk = public_jwk(row.from);
        REQUIRE(VerifyKey::from_jwk(jwk));
        row.change(jwk);
        const auto key = VerifyKey::from_jwk(jwk);
        REQUIRE_FALSE(key);
        CHECK(key.error().code == ErrorCode::bad_key);
    }
}

TEST_CASE("many keys on one thread do not get in each other's way") {
    // More than a thread keeps contexts for.
    std::vector<VerifyKey> keys;
    std::vector<Bytes> signatures;
    for (int i = 0; i < 40; ++i) {
        const SigningKey key = SigningKey::generate(Algorithm::ES256);
        signatures.push_back(key.sign(Algorithm::ES256, as_bytes(kMessage)));
        keys.push_back(*VerifyKey::from_jwk(key.public_jwk("k", Algorithm::ES256)));
    }
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            CHECK(keys[i].verify(Algorithm::ES256, as_bytes(kMessage), signatures[i]));
            CHECK_FALSE(keys[i].verify(Algorithm::ES256, as_bytes(kMessage),
                                       signatures[(i + 1) % keys.size()]));
        }
    }
}

TEST_CASE("Wycheproof's RSA-2048 and Ed25519 vectors agree at VerifyKey") {
    struct File {
        const char* name;
        Algorithm algorithm;
    };
    for (const File& file : {File{"rsa_signature_2048_sha256_test.json", Algorithm::RS256},
                             File{"ed25519_test.json", Algorithm::EdDSA}}) {
        const auto vectors = testing::wycheproof(file.name);
        if (!vectors) continue;
        int accepted = 0;
        int refused = 0;
        for (const Json& group : (*vectors)["testGroups"]) {
            const auto der = from_hex(group["publicKeyDer"].get<std::string>());
            REQUIRE(der);
            const auto key = VerifyKey::from_spki(*der, file.algorithm);
            REQUIRE(key);
            const auto from_pem =
                VerifyKey::from_pem(group["publicKeyPem"].get<std::string>(), file.algorithm);
            REQUIRE(from_pem);
            for (const Json& vector : group["tests"]) {
                INFO(file.name << " tcId " << vector["tcId"]);
                const Bytes message = *from_hex(vector["msg"].get<std::string>());
                const Bytes signature = *from_hex(vector["sig"].get<std::string>());
                const bool good = key->verify(file.algorithm, message, signature);
                CHECK(from_pem->verify(file.algorithm, message, signature) == good);
                // "acceptable" are signatures that the standard forbids and some accept.
                CHECK(good == (vector["result"] == "valid"));
                ++(good ? accepted : refused);
            }
        }
        std::printf("wycheproof %s: %d accepted, %d refused\n", file.name, accepted, refused);
        CHECK(accepted + refused == (*vectors)["numberOfTests"].get<int>());
    }
}

TEST_CASE("a public key in a wrong form is refused") {
    const auto refused = [](const Result<VerifyKey>& key) {
        return !key && key.error().code == ErrorCode::bad_key;
    };
    CHECK(refused(VerifyKey::from_pem("", Algorithm::RS256)));
    CHECK(refused(VerifyKey::from_pem(signing_key(Algorithm::ES256).pem(), Algorithm::ES256)));
    CHECK(refused(VerifyKey::from_spki({}, Algorithm::EdDSA)));
    Bytes der = *from_hex("302a300506032b6570032100" + std::string(64, '1'));
    CHECK(VerifyKey::from_spki(der, Algorithm::EdDSA));
    CHECK(refused(VerifyKey::from_spki(der, Algorithm::ES256)));
    der.push_back(0);
    CHECK(refused(VerifyKey::from_spki(der, Algorithm::EdDSA)));
}

}  // namespace
}  // namespace shikaku::crypto
