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

TEST_CASE("one kid twice is refused, also across issuers") {
    CHECK(load(set_of({ec_key("1"), ec_key("1")}).dump()).error().code == ErrorCode::bad_key);
    const testing::TemporaryFolder folder;
    const auto a = testing::test_file(folder, "a", set_of({ec_key("1")}).dump());
    const auto b = testing::test_file(folder, "b", set_of({ec_key("1")}).dump());
    const auto issuers = Issuers::load({{"https://a.example", a}, {"https://b.example", b}});
    REQUIRE_FALSE(issuers);
    CHECK(issuers.error().code == ErrorCode::bad_key);
    CHECK(issuers.error().detail.find("\"1\"") != std::string::npos);
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
    CHECK(load(set_of({encryption}).dump()).error().code == ErrorCode::bad_key);
}

struct BadSet {
    const char* what;
    std::function<void(Json&)> change;
};

TEST_CASE("a bad key set is refused") {
    const std::vector<BadSet> table = {
        {"not an object", [](Json& s) { s = s["keys"]; }},
        {"no keys", [](Json& s) { s = Json::object(); }},
        {"keys not an array", [](Json& s) { s["keys"] = s["keys"][0]; }},
        {"no key", [](Json& s) { s["keys"] = Json::array(); }},
        {"a key that is no object", [](Json& s) { s["keys"].push_back("x"); }},
        {"a key without kid", [](Json& s) { s["keys"][0].erase("kid"); }},
        {"a key with an empty kid", [](Json& s) { s["keys"][0]["kid"] = ""; }},
        {"a key whose kid is a number", [](Json& s) { s["keys"][0]["kid"] = 1; }},
        {"a private key", [](Json& s) { s["keys"][0]["d"] = s["keys"][0]["x"]; }},
        {"a private key for encryption",
         [](Json& s) {
             s["keys"].push_back(s["keys"][0]);
             s["keys"][1]["use"] = "enc";
             s["keys"][1]["d"] = "AQ";
         }},
        {"a symmetric key",
         [](Json& s) { s["keys"].push_back({{"kty", "oct"}, {"kid", "h"}, {"k", "AAAA"}}); }},
        {"a point off the curve", [](Json& s) { s["keys"][0]["y"] = s["keys"][0]["x"]; }},
        {"a malformed number", [](Json& s) { s["keys"][0]["x"] = "!"; }},
        {"a type and algorithm that do not go together",
         [](Json& s) { s["keys"][0]["alg"] = "RS256"; }},
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

}  // namespace
}  // namespace shikaku::identity
