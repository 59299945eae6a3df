#include "gateway/identity/linkage.h"

#include <catch2/catch.hpp>

#include "gateway/identity/card_issuer.h"
#include "gateway/identity/claims.h"

namespace shikaku::identity {
namespace {

Hash256 secret_of(std::uint8_t byte) {
    Hash256 secret;
    secret.fill(byte);
    return secret;
}

TEST_CASE("a linkage secret has one check value, another secret another") {
    const LinkageSecret one(secret_of(1)), same(secret_of(1)), other(secret_of(2));
    CHECK(one.check_value() == same.check_value());
    CHECK(one.check_value() != other.check_value());
    CHECK(domain::LinkageCheck::parse(one.check_value().text()) == one.check_value());
    // As it stands in configurations and registries: never to change.
    const Hash256 mac = crypto::hmac_sha256(secret_of(1), as_bytes("shikaku linkage check v1"));
    std::string hex = to_hex(BytesView(mac).first(8));
    for (char& c : hex)
        c = static_cast<char>(c <= '9' ? 'a' + (c - '0') : 'k' + (c - 'a'));
    CHECK(one.check_value().text() == hex);
}

TEST_CASE("only sixteen letters from a to p are a check value") {
    CHECK(domain::LinkageCheck::parse("abcdefghijklmnop"));
    for (const char* text : {"", "abcdefghijklmno", "abcdefghijklmnopa", "abcdefghijklmnoq",
                             "Abcdefghijklmnop", "1234567890123456", "abcdefghijklmno "})
        CHECK_FALSE(domain::LinkageCheck::parse(text));
}

TEST_CASE("only two known values differ") {
    const auto one = domain::LinkageCheck::parse("abcdefghijklmnop");
    const auto other = domain::LinkageCheck::parse("bbcdefghijklmnop");
    CHECK(differ(one, other));
    CHECK_FALSE(differ(one, one));
    CHECK_FALSE(differ(one, std::nullopt));
    CHECK_FALSE(differ(std::nullopt, other));
}

TEST_CASE("the issuer writes the claim and the gateway reads it") {
    CardClaims claims;
    claims.person.linkage_check = LinkageSecret(secret_of(7)).check_value();
    const auto read = read_claims(claims_json(claims));
    REQUIRE(read);
    CHECK(read->linkage_check.text == claims.person.linkage_check->text());
    claims.person.linkage_check.reset();
    CHECK(read_claims(claims_json(claims))->linkage_check.is(Claim::Kind::absent));
}

}  // namespace
}  // namespace shikaku::identity
