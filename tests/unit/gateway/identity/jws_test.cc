#include "gateway/identity/jws.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "gateway/support/bounds.h"
#include "tests/unit/gateway/crypto/wycheproof.h"

namespace shikaku::identity {
namespace {

using crypto::Algorithm;
using crypto::SigningKey;
using crypto::VerifyKey;

const SigningKey& signer() {
    static const SigningKey key = SigningKey::generate(Algorithm::ES256);
    return key;
}

VerifyKey verifier() {
    return *VerifyKey::from_jwk(signer().public_jwk("one", Algorithm::ES256));
}

std::string encode(std::string_view text) {
    return to_base64url(as_bytes(text));
}

// Signed whatever the header says, so that only the header can be the reason for a refusal.
std::string signed_with(std::string_view header, std::string_view payload = "{}") {
    const std::string input = encode(header) + "." + encode(payload);
    return input + "." + to_base64url(signer().sign(Algorithm::ES256, as_bytes(input)));
}

TEST_CASE("a signed JWS gives its header and payload") {
    const auto jws = verify_jws(
        signed_with(R"({"alg":"ES256","typ":"card+jwt","kid":"one","x":[1]})", "payload"),
        verifier());
    REQUIRE(jws);
    CHECK(jws->header.algorithm == Algorithm::ES256);
    CHECK(jws->header.type == "card+jwt");
    CHECK(jws->header.key_id == "one");
    CHECK(jws->payload == "payload");
}

TEST_CASE("kid may be absent on either side, but not differ") {
    CHECK(verify_jws(signed_with(R"({"alg":"ES256"})"), verifier()));
    CHECK_FALSE(verify_jws(signed_with(R"({"alg":"ES256","kid":"two"})"), verifier()));
    Json jwk = signer().public_jwk("one", Algorithm::ES256);
    jwk.erase("kid");
    const auto nameless = VerifyKey::from_jwk(jwk);
    REQUIRE(nameless);
    CHECK(verify_jws(signed_with(R"({"alg":"ES256","kid":"two"})"), *nameless));
}

TEST_CASE("keys that a header carries or names are never used") {
    const SigningKey stranger = SigningKey::generate(Algorithm::ES256);
    const std::string header = Json{{"alg", "ES256"},
                                    {"jwk", stranger.public_jwk("one", Algorithm::ES256)},
                                    {"jku", "https://keys.example/jwks.json"}}
                                   .dump();
    const std::string input = encode(header) + "." + encode("{}");
    CHECK_FALSE(verify_jws(
        input + "." + to_base64url(stranger.sign(Algorithm::ES256, as_bytes(input))), verifier()));
    CHECK(verify_jws(signed_with(header), verifier()));
}

TEST_CASE("a bad header is refused although the signature over it is right") {
    for (const char* header : {
             "",
             "{",
             "null",
             "[]",
             "\"ES256\"",
             "{}",
             R"({"kid":"one"})",
             R"({"alg":"none"})",
             R"({"alg":"None"})",
             R"({"alg":""})",
             R"({"alg":"es256"})",
             R"({"alg":"HS256"})",
             R"({"alg":"RS256"})",
             R"({"alg":"PS256"})",
             R"({"alg":"ES384"})",
             R"({"alg":"ES512"})",
             R"({"alg":"ES256K"})",
             R"({"alg":"EdDSA"})",
             R"({"alg":256})",
             R"({"alg":null})",
             R"({"alg":["ES256"]})",
             R"({"alg":"ES256","alg":"ES256"})",
             R"({"alg":"none","alg":"ES256"})",
             R"({"alg":"ES256","kid":1})",
             R"({"alg":"ES256","kid":null})",
             R"({"alg":"ES256","typ":1})",
             R"({"alg":"ES256","crit":["exp"],"exp":1})",
             R"({"alg":"ES256","crit":[]})",
             R"({"alg":"ES256","b64":true})",
             R"({"alg":"ES256","b64":false,"crit":["b64"]})",
             R"({"alg":"ES256","zip":"DEF"})",
             R"({"alg":"ES256"} x)",
             R"({"alg":"ES256",})",
             "{\"alg\":\"ES256\",\"x\":\"\xff\"}",
         }) {
        INFO(header);
        const auto jws = verify_jws(signed_with(header), verifier());
        REQUIRE_FALSE(jws);
        CHECK(jws.error().code == ErrorCode::token_invalid);
    }
}

TEST_CASE("a compact serialisation that is not exactly one is refused") {
    const std::string good = signed_with(R"({"alg":"ES256"})", "payload");
    const std::size_t first = good.find('.');
    const std::size_t second = good.rfind('.');
    const std::string header = good.substr(0, first);
    const std::string payload = good.substr(first + 1, second - first - 1);
    const std::string signature = good.substr(second + 1);
    REQUIRE(verify_jws(good, verifier()));
    const std::vector<std::string> table = {
        "",
        ".",
        "..",
        "...",
        header,
        header + "." + payload,
        header + "." + payload + ".",
        "." + payload + "." + signature,
        header + ".." + signature,
        good + ".",
        "." + good,
        good + "." + signature,
        " " + good,
        good + " ",
        good + "\n",
        good + "=",
        good + "A",
        header + "=." + payload + "." + signature,
        header + "." + payload + "=." + signature,
        header + ". " + payload + "." + signature,
        header + "." + payload + "\n." + signature,
        header + "." + payload + "." + signature.substr(1),
        header + "." + payload + "." + signature.substr(0, signature.size() - 1),
        header + "." + payload + "+." + signature,
        header + "." + encode("payloae") + "." + signature,
        encode(R"({"alg":"ES256" })") + "." + payload + "." + signature,
        header + "." + payload + "." + std::string(86, 'A'),
        header + "." + payload + "." + std::string(2000, 'A'),
        header + "." + std::string(bounds::kTokenBytes, 'A') + "." + signature,
        R"({"payload":")" + payload + R"(","signature":")" + signature + R"("})",
        std::string(good).replace(first, 1, 1, '\0'),
        header + "\xe3\x80\x82" + payload + "." + signature,
    };
    for (const std::string& compact : table) {
        INFO(compact);
        const auto jws = verify_jws(compact, verifier());
        REQUIRE_FALSE(jws);
        CHECK(jws.error().code == ErrorCode::token_invalid);
    }
}

TEST_CASE("the longest token is still read") {
    const std::string header = R"({"alg":"ES256"})";
    std::string payload;
    while (signed_with(header, payload + "abc").size() <= bounds::kTokenBytes)
        payload += "abc";
    CHECK(verify_jws(signed_with(header, payload), verifier()));
    CHECK_FALSE(verify_jws(signed_with(header, payload + "abc"), verifier()));
}

TEST_CASE("Wycheproof's JWS vectors agree") {
    const auto vectors = testing::wycheproof("json_web_signature_test.json");
    if (!vectors) return;
    int accepted = 0;
    int refused = 0;
    int outside = 0;  // valid, of an algorithm or kind of key that the contract does not have
    for (const Json& group : (*vectors)["testGroups"]) {
        const bool has_public = group.contains("public");
        const Json& jwk = has_public ? group["public"] : group["private"];
        const auto key = VerifyKey::from_jwk(jwk);
        // A key that is not public is no key to us, whatever its vectors are.
        CHECK((key || !has_public || jwk.value("use", "sig") == "enc" || jwk.contains("key_ops") ||
               !crypto::parse_algorithm(jwk.value("alg", ""))));
        for (const Json& vector : group["tests"]) {
            INFO("tcId " << vector["tcId"] << " " << vector["comment"]);
            const Json& text = vector["jws"];
            const std::string compact = text.is_string() ? text.get<std::string>() : text.dump();
            const bool good = key && verify_jws(compact, *key);
            const auto dot = compact.find('.');
            const auto header =
                parse_json(as_text(from_base64url(compact.substr(0, dot)).value_or(Bytes{})));
            const bool ours =
                has_public && header && header->is_object() &&
                crypto::parse_algorithm(header->value("alg", std::string())).has_value();
            const bool valid = vector["result"] == "valid";
            CHECK(good == (valid && ours));
            ++(good ? accepted : valid ? outside : refused);
        }
    }
    std::printf("wycheproof JWS: %d accepted, %d refused, %d valid but outside the contract\n",
                accepted, refused, outside);
    CHECK(accepted + refused + outside == (*vectors)["numberOfTests"].get<int>());
    CHECK(accepted >= 15);
}

}  // namespace
}  // namespace shikaku::identity
