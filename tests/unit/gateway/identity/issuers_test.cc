#include "gateway/identity/issuers.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/gateway/crypto/test_file.h"

namespace shikaku::identity {
namespace {

using crypto::Algorithm;

Json ec_key(const std::string& kid) {
    return crypto::SigningKey::generate(Algorithm::ES256).public_jwk(kid, Algorithm::ES256);
}

Json set_of(std::initializer_list<Json> keys) {
    return {{"keys", Json(keys)}};
}

Result<std::shared_ptr<const Issuers>> load(const std::string& content) {
    const testing::TemporaryFolder folder;
    return Issuers::load({{"https://a.example", testing::test_file(folder, "a.json", content)}});
}

TEST_CASE("keys are found by kid, with their issuer") {
    const testing::TemporaryFolder folder;
    const auto a = testing::test_file(folder, "a", set_of({ec_key("1"), ec_key("2")}).dump());
    const auto b = testing::test_file(folder, "b", set_of({ec_key("3")}).dump());
    const auto issuers = Issuers::load({{"https://a.example", a}, {"https://b.example", b}});
    REQUIRE(issuers);
    REQUIRE((*issuers)->find("2") != nullptr);
    CHECK((*issuers)->find("2")->issuer == "https://a.example");
    CHECK((*issuers)->find("2")->key.allows(Algorithm::ES256));
    REQUIRE((*issuers)->find("3") != nullptr);
    CHECK((*issuers)->find("3")->issuer == "https://b.example");
    CHECK((*issuers)->find("4") == nullptr);
    CHECK((*issuers)->find("") == nullptr);
}

TEST_CASE("of two keys with one kid the first stays, also across issuers, and it is told") {
    const testing::TemporaryFolder folder;
    const Json mine = ec_key("1");
    const auto a = testing::test_file(folder, "a", set_of({mine, ec_key("1")}).dump());
    const auto b = testing::test_file(folder, "b", set_of({ec_key("1"), ec_key("2")}).dump());
    const auto issuers = Issuers::load({{"https://a.example", a}, {"https://b.example", b}});
    REQUIRE(issuers);
    CHECK((*issuers)->usable() == 2);
    REQUIRE((*issuers)->find("1") != nullptr);
    CHECK((*issuers)->find("1")->issuer == "https://a.example");
    REQUIRE((*issuers)->unusable().size() == 2);
    for (const std::string& line : (*issuers)->unusable())
        CHECK(line.find("key \"1\" is known already, of https://a.example") != std::string::npos);
    // An issuer whose every kid is taken has no usable key.
    const auto c = testing::test_file(folder, "c", set_of({ec_key("1")}).dump());
    CHECK(Issuers::load({{"https://a.example", a}, {"https://c.example", c}}).error().code ==
          ErrorCode::bad_key);
}

TEST_CASE("keys that are not for card tokens are skipped") {
    Json encryption = ec_key("enc");
    encryption["use"] = "enc";
    Json deriving = ec_key("ops");
    deriving["key_ops"] = {"deriveKey"};
    const Json other_curve = {
        {"kty", "EC"}, {"crv", "P-521"}, {"kid", "p521"}, {"x", "AA"}, {"y", "AA"}};
    const Json other_algorithm = {
        {"kty", "RSA"}, {"alg", "RS512"}, {"kid", "rs512"}, {"n", "AQ"}, {"e", "AQAB"}};
    const Json agreement = {{"kty", "OKP"}, {"crv", "X25519"}, {"kid", "x"}, {"x", "AA"}};
    const Json other_type = {{"kty", "ML-DSA"}, {"kid", "pq"}};
    const auto issuers = load(set_of({encryption, deriving, other_curve, other_algorithm, agreement,
                                      other_type, ec_key("good")})
                                  .dump());
    REQUIRE(issuers);
    CHECK((*issuers)->find("good") != nullptr);
    for (const char* kid : {"enc", "ops", "p521", "rs512", "x", "pq"}) {
        INFO(kid);
        CHECK((*issuers)->find(kid) == nullptr);
    }
    CHECK((*issuers)->unusable().empty());
    CHECK(load(set_of({encryption}).dump()).error().code == ErrorCode::bad_key);
}

struct BadSet {
    const char* what;
    std::function<void(Json&)> change;
};

TEST_CASE("one unusable key is left out and told; a set of nothing else is refused") {
    const std::vector<BadSet> table = {
        {"no object", [](Json& k) { k = "x"; }},
        {"no kid", [](Json& k) { k.erase("kid"); }},
        {"an empty kid", [](Json& k) { k["kid"] = ""; }},
        {"a kid that is a number", [](Json& k) { k["kid"] = 1; }},
        {"private", [](Json& k) { k["d"] = k["x"]; }},
        {"private, for encryption",
         [](Json& k) {
             k["use"] = "enc";
             k["d"] = "AQ";
         }},
        {"symmetric", [](Json& k) { k = {{"kty", "oct"}, {"kid", "h"}, {"k", "AAAA"}}; }},
        {"a point off the curve", [](Json& k) { k["y"] = k["x"]; }},
        {"a malformed number", [](Json& k) { k["x"] = "!"; }},
        {"a number that is none", [](Json& k) { k["x"] = nullptr; }},
        {"type and algorithm that do not go together", [](Json& k) { k["alg"] = "RS256"; }},
        {"a weak modulus",
         [](Json& k) {
             k = {{"kty", "RSA"},
                  {"kid", "weak"},
                  {"n", to_base64url(Bytes(128, 0xff))},
                  {"e", "AQAB"}};
         }},
        {"an end that is no number", [](Json& k) { k["exp"] = "1900000000"; }},
        {"an end that is nothing", [](Json& k) { k["exp"] = nullptr; }},
        {"revoked",
         [](Json& k) {
             k["revoked"] = {{"revoked_at", 1'700'000'000}, {"reason", "compromised"}};
         }},
        {"an Ed25519 point of small order",
         [](Json& k) {
             k = {{"kty", "OKP"},
                  {"crv", "Ed25519"},
                  {"kid", "small"},
                  {"x", to_base64url(Bytes(32, 0))}};
         }},
        {"a kid with a control character and a bad point",
         [](Json& k) {
             k["kid"] = "a\nb";
             k["y"] = k["x"];
         }},
    };
    for (const BadSet& row : table) {
        INFO(row.what);
        Json bad = ec_key("bad");
        row.change(bad);
        const auto issuers = load(set_of({ec_key("1"), bad, ec_key("2")}).dump());
        REQUIRE(issuers);
        CHECK((*issuers)->usable() == 2);
        CHECK((*issuers)->find("bad") == nullptr);
        REQUIRE((*issuers)->unusable().size() == 1);
        CHECK((*issuers)->unusable()[0].find("a.json: key \"") != std::string::npos);
        CHECK((*issuers)->unusable()[0].find('\n') == std::string::npos);
        const auto alone = load(set_of({bad}).dump());
        REQUIRE_FALSE(alone);
        CHECK(alone.error().code == ErrorCode::bad_key);
        CHECK(alone.error().detail.find("no key that card tokens can be checked with; ") !=
              std::string::npos);
    }
}

TEST_CASE("a key may be dated") {
    Json dated = ec_key("dated");
    dated["exp"] = 1'795'132'800;
    Json forever = ec_key("forever");
    forever["exp"] = 1e300;
    const Json undated = ec_key("undated");
    const auto issuers = load(set_of({dated, forever, undated}).dump());
    REQUIRE(issuers);
    CHECK((*issuers)->find("dated")->expires == Instant(std::chrono::seconds(1'795'132'800)));
    CHECK_FALSE((*issuers)->find("undated")->expires);
    CHECK((*issuers)->expiries().size() == 2);
}

TEST_CASE("a bad key set is refused") {
    const std::vector<BadSet> table = {
        {"not an object", [](Json& s) { s = s["keys"]; }},
        {"no keys", [](Json& s) { s = Json::object(); }},
        {"keys not an array", [](Json& s) { s["keys"] = s["keys"][0]; }},
        {"no key", [](Json& s) { s["keys"] = Json::array(); }},
    };
    for (const BadSet& row : table) {
        INFO(row.what);
        Json set = set_of({ec_key("1")});
        REQUIRE(load(set.dump()));
        row.change(set);
        const auto issuers = load(set.dump());
        REQUIRE_FALSE(issuers);
        CHECK(issuers.error().code == ErrorCode::bad_key);
    }
    CHECK(load("{").error().code == ErrorCode::bad_key);
    CHECK(Issuers::load({{"https://a.example", "/nonexistent/jwks"}}).error().code ==
          ErrorCode::io_failed);
    const testing::TemporaryFolder folder;
    const auto file = testing::test_file(folder, "a", set_of({ec_key("1")}).dump());
    CHECK(Issuers::load({{"", file}}).error().code == ErrorCode::bad_key);
}

TEST_CASE("a key's thumbprint is the one of RFC 7638, whatever else the key says") {
    // RFC 7638, 3.1.
    const Json rsa =
        parse_json(
            R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})")
            .value();
    const auto issuers = load(set_of({rsa}).dump());
    REQUIRE(issuers);
    CHECK((*issuers)->find("2011-04-29")->thumbprint ==
          "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

}  // namespace
}  // namespace shikaku::identity
