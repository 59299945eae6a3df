#include "gateway/identity/card_token.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gateway/crypto/hash.h"
#include "gateway/identity/card_issuer.h"
#include "gateway/support/bounds.h"
#include "tests/unit/gateway/crypto/test_file.h"

namespace shikaku::identity {
namespace {

using crypto::Algorithm;

constexpr const char* kIssuer = "https://card-issuer.shikaku.example";
constexpr const char* kOtherIssuer = "https://other.example";
constexpr std::int64_t kNow = 1'795'132'800;  // 2026-11-20T00:00:00Z
constexpr std::array kAll = {Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384,
                             Algorithm::EdDSA};
// Made up, with a right check digit.
constexpr const char* kPersonalNumber = "123456789018";

Instant at(std::int64_t seconds) {
    return Instant(std::chrono::seconds(seconds));
}

Hash256 certificate() {
    return crypto::sha256(as_bytes("certificate of clinic a"));
}

// One issuer with a key for each algorithm, and another with a key of its own.
struct World {
    std::map<Algorithm, CardIssuer> signers;
    std::vector<CardIssuer> other;
    std::shared_ptr<const Issuers> issuers;

    World() {
        Json keys = Json::array();
        for (const Algorithm algorithm : kAll) {
            auto signer = CardIssuer::create(crypto::SigningKey::generate(algorithm), algorithm,
                                             "k-" + std::string(crypto::name(algorithm)));
            keys.push_back(signer->public_jwk());
            signers.emplace(algorithm, *std::move(signer));
        }
        other.push_back(*CardIssuer::create(crypto::SigningKey::generate(Algorithm::ES256),
                                            Algorithm::ES256, "k-other"));
        const testing::TemporaryFolder folder;
        const auto file = testing::test_file(folder, "a.json", Json{{"keys", keys}}.dump());
        const auto other_file = testing::test_file(
            folder, "b.json", Json{{"keys", Json::array({other[0].public_jwk()})}}.dump());
        issuers = *Issuers::load({{kIssuer, file}, {kOtherIssuer, other_file}});
    }
};

const World& world() {
    static const World only;
    return only;
}

const CardIssuer& signer() {
    return world().signers.at(Algorithm::ES256);
}

CardClaims good_claims() {
    CardClaims claims;
    claims.person.issuer = kIssuer;
    claims.person.token_id = "0123456789abcdef";
    claims.person.expires_s = kNow + 300;
    claims.person.link_key = crypto::sha256(as_bytes("person"));
    claims.person.proof = ProofMethod::pin;
    claims.person.proof_time_s = kNow - 1;
    claims.person.consent = true;
    claims.person.consent_time_s = kNow - 2;
    claims.person.residence = domain::AuthorityCode::parse("132012");
    claims.person.birth_date = domain::Date::parse_iso("2018-05-01");
    claims.person.insurance = domain::Insurance{};
    claims.person.insurance->insurer = domain::InsurerNumber::parse("01130012");
    claims.person.insurance->symbol = "記号";
    claims.person.insurance->number = "123";
    claims.person.insurance->branch = "01";
    claims.audience = "shikaku";
    claims.issued_s = kNow;
    claims.client_certificate = certificate();
    return claims;
}

Json good_json() {
    return *parse_json(claims_json(good_claims()));
}

Result<CardToken> check(std::string_view token, Instant now = at(kNow)) {
    return check_card_token(token, *world().issuers, "shikaku", certificate(), now);
}

std::string day_after(std::int64_t seconds, int days) {
    return domain::Date::of_instant_jst(at(seconds)).plus_days(days).iso();
}

Result<CardToken> check_claims(const Json& claims, Instant now = at(kNow)) {
    return check(signer().sign(claims.dump()), now);
}

TEST_CASE("a token of each of the five algorithms is accepted and read whole") {
    const CardClaims claims = good_claims();
    for (const Algorithm algorithm : kAll) {
        INFO(crypto::name(algorithm));
        const auto token = check(world().signers.at(algorithm).issue(claims));
        REQUIRE(token);
        CHECK(token->issuer == kIssuer);
        CHECK(token->token_id == claims.person.token_id);
        CHECK(token->expires_s == kNow + 300);
        CHECK(token->link_key == claims.person.link_key);
        CHECK(token->proof == ProofMethod::pin);
        CHECK(token->proof_time_s == kNow - 1);
        CHECK(token->consent);
        CHECK(token->consent_time_s == kNow - 2);
        CHECK(token->residence == claims.person.residence);
        CHECK(token->birth_date == claims.person.birth_date);
        REQUIRE(token->insurance);
        CHECK(token->insurance->insurer == claims.person.insurance->insurer);
        CHECK(token->insurance->symbol == "記号");
        CHECK(token->insurance->number == "123");
        CHECK(token->insurance->branch == "01");
        CHECK(token->insurance->as_of == at(kNow));
        CHECK_FALSE(token->insurance->from_source);
    }
}

struct Row {
    const char* what;
    std::function<void(Json&)> change;
    ErrorCode code = ErrorCode::token_invalid;
};

void check_rows(const std::vector<Row>& table) {
    for (const Row& row : table) {
        INFO(row.what);
        Json claims = good_json();
        row.change(claims);
        const auto token = check_claims(claims);
        REQUIRE_FALSE(token);
        CHECK(name(token.error().code) == name(row.code));
        CHECK(token.error().detail.find(kPersonalNumber) == std::string::npos);
    }
}

TEST_CASE("what may differ is accepted") {
    const std::vector<Row> table = {
        {"a linkage check", [](Json& c) { c["linkage_check"] = "abcdefghijklmnop"; }},
        {"no residence", [](Json& c) { c.erase("residence"); }},
        {"no birth date", [](Json& c) { c.erase("birth_date"); }},
        {"no insurance", [](Json& c) { c.erase("insurance"); }},
        {"insurance without symbol and branch",
         [](Json& c) { c["insurance"] = {{"insurer_number", "138057"}, {"number", "1"}}; }},
        {"audience as an array of one", [](Json& c) { c["aud"] = {"shikaku"}; }},
        {"times with fractions", [](Json& c) { c["iat"] = kNow + 0.5; }},
        {"exp with a fraction", [](Json& c) { c["exp"] = kNow + 299.75; }},
        {"nbf now", [](Json& c) { c["nbf"] = kNow; }},
        {"proof of a day ago", [](Json& c) { c["proof"]["time"] = kNow - 86'400; }},
        {"proof within the skew", [](Json& c) { c["proof"]["time"] = kNow + 30; }},
        {"consent of last year", [](Json& c) { c["consent"]["time"] = kNow - 366 * 86'400; }},
        {"born today", [](Json& c) { c["birth_date"] = day_after(kNow, 0); }},
        {"nbf within the skew", [](Json& c) { c["nbf"] = kNow + 30; }},
        {"iat within the skew", [](Json& c) { c["iat"] = kNow + 30; }},
        {"jti of 64 characters", [](Json& c) { c["jti"] = std::string(64, '~'); }},
        {"consent refused", [](Json& c) { c["consent"]["medical_subsidy"] = false; }},
        {"consent for checkups alone",
         [](Json& c) {
             c["consent"]["medical_subsidy"] = false;
             c["consent"]["checkups"] = true;
         }},
        {"claims nobody knows", [](Json& c) { c["x"] = {{"y", {1, "z", nullptr, 2.5}}}; }},
        {"jti that looks like a personal number",
         [](Json& c) { c["jti"] = std::string(kPersonalNumber) + "-tap1"; }},
        {"twelve digits with a wrong check digit", [](Json& c) { c["x"] = "123456789012"; }},
        {"thirteen digits", [](Json& c) { c["x"] = "1234567890180"; }},
    };
    for (const Row& row : table) {
        INFO(row.what);
        Json claims = good_json();
        row.change(claims);
        CHECK(check_claims(claims));
    }
}

TEST_CASE("issuer, audience, binding: each has its own refusal") {
    using enum ErrorCode;
    check_rows({
        {"no iss", [](Json& c) { c.erase("iss"); }, token_unknown_issuer},
        {"another iss", [](Json& c) { c["iss"] = "https://x.example"; }, token_unknown_issuer},
        {"iss of another known issuer", [](Json& c) { c["iss"] = kOtherIssuer; },
         token_unknown_issuer},
        {"iss not a string", [](Json& c) { c["iss"] = 1; }, token_unknown_issuer},
        {"iss with a slash more", [](Json& c) { c["iss"] = std::string(kIssuer) + "/"; },
         token_unknown_issuer},
        {"no aud", [](Json& c) { c.erase("aud"); }, token_wrong_audience},
        {"another aud", [](Json& c) { c["aud"] = "other"; }, token_wrong_audience},
        {"aud in other letters", [](Json& c) { c["aud"] = "Shikaku"; }, token_wrong_audience},
        {"aud that begins so", [](Json& c) { c["aud"] = "shikaku2"; }, token_wrong_audience},
        {"aud empty array", [](Json& c) { c["aud"] = Json::array(); }, token_wrong_audience},
        {"aud of two", [](Json& c) { c["aud"] = {"shikaku", "other"}; }, token_wrong_audience},
        {"aud twice", [](Json& c) { c["aud"] = {"shikaku", "shikaku"}; }, token_wrong_audience},
        {"aud not a string", [](Json& c) { c["aud"] = 1; }, token_wrong_audience},
        {"aud array of numbers", [](Json& c) { c["aud"] = {1}; }, token_wrong_audience},
        {"aud an object", [](Json& c) { c["aud"] = {{"a", "shikaku"}}; }, token_wrong_audience},
        {"aud within two arrays", [](Json& c) { c["aud"] = Json::parse("[[\"shikaku\"]]"); },
         token_wrong_audience},
        {"aud an array within an object",
         [](Json& c) { c["aud"] = Json::parse(R"({"a":["shikaku"]})"); }, token_wrong_audience},
        {"aud as a name of another claim",
         [](Json& c) {
             c.erase("aud");
             c["x"] = {{"aud", "shikaku"}};
         },
         token_wrong_audience},
        {"no cnf", [](Json& c) { c.erase("cnf"); }, token_not_bound},
        {"cnf a string", [](Json& c) { c["cnf"] = c["cnf"]["x5t#S256"]; }, token_not_bound},
        {"cnf empty", [](Json& c) { c["cnf"] = Json::object(); }, token_not_bound},
        {"cnf with another method", [](Json& c) { c["cnf"] = {{"jkt", c["sub"]}}; },
         token_not_bound},
        {"cnf of another certificate", [](Json& c) { c["cnf"]["x5t#S256"] = c["sub"]; },
         token_not_bound},
        {"cnf too short",
         [](Json& c) { c["cnf"]["x5t#S256"] = to_base64url(BytesView(certificate()).first(31)); },
         token_not_bound},
        {"cnf padded", [](Json& c) { c["cnf"]["x5t#S256"] = to_base64url(certificate()) + "="; },
         token_not_bound},
        {"cnf in hex", [](Json& c) { c["cnf"]["x5t#S256"] = to_hex(certificate()); },
         token_not_bound},
        {"cnf at the top",
         [](Json& c) {
             c["x5t#S256"] = c["cnf"]["x5t#S256"];
             c.erase("cnf");
         },
         token_not_bound},
        {"cnf within an array", [](Json& c) { c["cnf"] = Json::array({c["cnf"]}); },
         token_not_bound},
        {"cnf one deeper", [](Json& c) { c["cnf"] = {{"cnf", c["cnf"]}}; }, token_not_bound},
        {"cnf not a string", [](Json& c) { c["cnf"]["x5t#S256"] = 1; }, token_not_bound},
    });
}

TEST_CASE("a claim within an object named \"\" is none at the top") {
    for (const char* claim : {"iss", "aud", "iat", "exp", "jti", "sub"}) {
        INFO(claim);
        Json claims = good_json();
        claims[""] = {{claim, claims[claim]}};
        CHECK(check_claims(claims));
        claims.erase(claim);
        CHECK_FALSE(check_claims(claims));
    }
    Json claims = good_json();
    claims[""] = {{"residence", "not a code"}, {"insurance", "none"}, {"nbf", "never"}};
    CHECK(check_claims(claims));
}

TEST_CASE("a key that has expired signs no more") {
    const CardIssuer signer = *CardIssuer::create(crypto::SigningKey::generate(Algorithm::ES256),
                                                  Algorithm::ES256, "k-dated");
    Json jwk = signer.public_jwk();
    jwk["exp"] = kNow + 10;
    const testing::TemporaryFolder folder;
    const auto issuers = *Issuers::load(
        {{kIssuer, testing::test_file(folder, "a.json", Json{{"keys", {jwk}}}.dump())}});
    const std::string token = signer.issue(good_claims());
    const auto check_at = [&](Instant now) {
        return check_card_token(token, *issuers, "shikaku", certificate(), now);
    };
    CHECK(check_at(at(kNow + 10) - std::chrono::milliseconds(1)));
    CHECK(check_at(at(kNow + 10)).error().code == ErrorCode::token_unknown_issuer);
}

TEST_CASE("times: each has its own refusal") {
    using enum ErrorCode;
    check_rows({
        {"no iat", [](Json& c) { c.erase("iat"); }},
        {"no exp", [](Json& c) { c.erase("exp"); }},
        {"iat a string", [](Json& c) { c["iat"] = "1795132800"; }},
        {"exp a string", [](Json& c) { c["exp"] = "1795133100"; }},
        {"iat null", [](Json& c) { c["iat"] = nullptr; }},
        {"exp true", [](Json& c) { c["exp"] = true; }},
        {"iat negative", [](Json& c) { c["iat"] = -1; }},
        {"iat a negative float", [](Json& c) { c["iat"] = -1.5; }},
        {"exp huge", [](Json& c) { c["exp"] = UINT64_MAX; }},
        {"exp a huge float", [](Json& c) { c["exp"] = 1e300; }},
        {"exp equal to iat", [](Json& c) { c["exp"] = kNow; }},
        {"exp before iat", [](Json& c) { c["exp"] = kNow - 1; }},
        {"a fraction of a second too long", [](Json& c) { c["iat"] = kNow - 0.5; }},
        {"exp 301 s after iat", [](Json& c) { c["exp"] = kNow + 301; }},
        {"nbf a string", [](Json& c) { c["nbf"] = "0"; }},
        {"nbf null", [](Json& c) { c["nbf"] = nullptr; }},
        {"nbf negative", [](Json& c) { c["nbf"] = -1; }},
        {"expired",
         [](Json& c) {
             c["iat"] = kNow - 300;
             c["exp"] = kNow - 30;
         },
         token_expired},
        {"long expired",
         [](Json& c) {
             c["iat"] = 1;
             c["exp"] = 2;
         },
         token_expired},
        {"iat ahead",
         [](Json& c) {
             c["iat"] = kNow + 31;
             c["exp"] = kNow + 100;
         },
         token_not_yet_valid},
        {"nbf ahead", [](Json& c) { c["nbf"] = kNow + 31; }, token_not_yet_valid},
    });
}

TEST_CASE("a token lives to the last millisecond of its skew, on either side") {
    const Json claims = good_json();
    using std::chrono::milliseconds;
    CHECK(check_claims(claims, at(kNow + 330) - milliseconds(1)));
    CHECK(check_claims(claims, at(kNow + 330)).error().code == ErrorCode::token_expired);
    CHECK(check_claims(claims, at(kNow - 30)));
    CHECK(check_claims(claims, at(kNow - 30) - milliseconds(1)).error().code ==
          ErrorCode::token_not_yet_valid);
}

TEST_CASE("the claims about the person must have their shape") {
    check_rows({
        {"no jti", [](Json& c) { c.erase("jti"); }},
        {"jti not a string", [](Json& c) { c["jti"] = 1234567890123456; }},
        {"jti of 15", [](Json& c) { c["jti"] = std::string(15, 'a'); }},
        {"jti of 65", [](Json& c) { c["jti"] = std::string(65, 'a'); }},
        {"jti with a control character", [](Json& c) { c["jti"] = "0123456789abcde\n"; }},
        {"jti with DEL", [](Json& c) { c["jti"] = "0123456789abcde\x7f"; }},
        {"jti not ASCII", [](Json& c) { c["jti"] = "0123456789abcdeé"; }},
        {"no sub", [](Json& c) { c.erase("sub"); }},
        {"sub not a string", [](Json& c) { c["sub"] = 1; }},
        {"sub empty", [](Json& c) { c["sub"] = ""; }},
        {"sub of 31 bytes", [](Json& c) { c["sub"] = to_base64url(Bytes(31, 1)); }},
        {"sub of 33 bytes", [](Json& c) { c["sub"] = to_base64url(Bytes(33, 1)); }},
        {"sub in hex", [](Json& c) { c["sub"] = to_hex(Bytes(32, 1)); }},
        {"sub padded", [](Json& c) { c["sub"] = to_base64url(Bytes(32, 1)) + "="; }},
        {"sub in plain base64", [](Json& c) { c["sub"] = std::string(42, '+') + "A"; }},
        {"sub with trailing bits", [](Json& c) { c["sub"] = std::string(42, 'A') + "B"; }},
        {"no proof", [](Json& c) { c.erase("proof"); }},
        {"proof in an array", [](Json& c) { c["proof"] = Json::array({c["proof"]}); }},
        {"proof.method an object", [](Json& c) { c["proof"]["method"] = c["consent"]; }},
        {"insurance in an array", [](Json& c) { c["insurance"] = Json::array({c["insurance"]}); }},
        {"residence an array", [](Json& c) { c["residence"] = {"132012"}; }},
        {"proof a string", [](Json& c) { c["proof"] = "face"; }},
        {"no proof.method", [](Json& c) { c["proof"].erase("method"); }},
        {"unknown proof.method", [](Json& c) { c["proof"]["method"] = "Face"; }},
        {"proof.method not a string", [](Json& c) { c["proof"]["method"] = 0; }},
        {"no proof.time", [](Json& c) { c["proof"].erase("time"); }},
        {"proof.time a string", [](Json& c) { c["proof"]["time"] = "now"; }},
        {"proof of another year", [](Json& c) { c["proof"]["time"] = kNow - 366 * 86'400; }},
        {"proof of more than a day ago", [](Json& c) { c["proof"]["time"] = kNow - 86'401; }},
        {"proof of 1970", [](Json& c) { c["proof"]["time"] = 0; }},
        {"proof to come", [](Json& c) { c["proof"]["time"] = kNow + 31; }},
        {"proof of next year", [](Json& c) { c["proof"]["time"] = kNow + 366 * 86'400; }},
        {"consent to come", [](Json& c) { c["consent"]["time"] = kNow + 31; }},
        {"no consent", [](Json& c) { c.erase("consent"); }},
        {"consent true", [](Json& c) { c["consent"] = true; }},
        {"no consent.medical_subsidy", [](Json& c) { c["consent"].erase("medical_subsidy"); }},
        {"consent as a word", [](Json& c) { c["consent"]["medical_subsidy"] = "true"; }},
        {"consent for checkups as a word", [](Json& c) { c["consent"]["checkups"] = "true"; }},
        {"consent for checkups null", [](Json& c) { c["consent"]["checkups"] = nullptr; }},
        {"consent for checkups as an object",
         [](Json& c) { c["consent"]["checkups"] = Json::object(); }},
        {"consent as a number", [](Json& c) { c["consent"]["medical_subsidy"] = 1; }},
        {"no consent.time", [](Json& c) { c["consent"].erase("time"); }},
        {"consent.time null", [](Json& c) { c["consent"]["time"] = nullptr; }},
        {"residence null", [](Json& c) { c["residence"] = nullptr; }},
        {"residence a number", [](Json& c) { c["residence"] = 132012; }},
        {"residence of 5 digits", [](Json& c) { c["residence"] = "13201"; }},
        {"residence with a wrong check digit", [](Json& c) { c["residence"] = "132013"; }},
        {"residence a name", [](Json& c) { c["residence"] = "八王子市"; }},
        {"linkage_check a number", [](Json& c) { c["linkage_check"] = 1; }},
        {"linkage_check null", [](Json& c) { c["linkage_check"] = nullptr; }},
        {"linkage_check empty", [](Json& c) { c["linkage_check"] = ""; }},
        {"linkage_check of 15 letters", [](Json& c) { c["linkage_check"] = "abcdefghijklmno"; }},
        {"linkage_check in digits", [](Json& c) { c["linkage_check"] = "0000000000000000"; }},
        {"born in 2999", [](Json& c) { c["birth_date"] = "2999-01-01"; }},
        {"born tomorrow", [](Json& c) { c["birth_date"] = day_after(kNow, 1); }},
        {"birth_date a number", [](Json& c) { c["birth_date"] = 20180501; }},
        {"birth_date without hyphens", [](Json& c) { c["birth_date"] = "20180501"; }},
        {"birth_date that is no day", [](Json& c) { c["birth_date"] = "2018-02-29"; }},
        {"birth_date with a time", [](Json& c) { c["birth_date"] = "2018-05-01T00:00:00Z"; }},
        {"insurance null", [](Json& c) { c["insurance"] = nullptr; }},
        {"insurance a string", [](Json& c) { c["insurance"] = "01130012"; }},
        {"no insurer_number", [](Json& c) { c["insurance"].erase("insurer_number"); }},
        {"insurer_number of 7", [](Json& c) { c["insurance"]["insurer_number"] = "0113001"; }},
        {"insurer_number a number", [](Json& c) { c["insurance"]["insurer_number"] = 138057; }},
        {"symbol a number", [](Json& c) { c["insurance"]["symbol"] = 1; }},
        {"number too long",
         [](Json& c) {
             c["insurance"]["number"] = std::string(bounds::kInsuranceTextBytes + 1, '1');
         }},
        {"branch with a control character", [](Json& c) { c["insurance"]["branch"] = "0\t1"; }},
    });
}

TEST_CASE("a personal number in any claim is refused and not repeated") {
    using enum ErrorCode;
    check_rows({
        {"unknown claim", [](Json& c) { c["x"] = kPersonalNumber; }, personal_number_refused},
        {"nested claim", [](Json& c) { c["x"] = {{"y", {{"z", {kPersonalNumber}}}}}; },
         personal_number_refused},
        {"within a sentence", [](Json& c) { c["x"] = "No. 1234-5678-9018."; },
         personal_number_refused},
        {"as a number", [](Json& c) { c["x"] = 123456789018; }, personal_number_refused},
        {"as a float", [](Json& c) { c["x"] = 123456789018.0; }, personal_number_refused},
        {"as the insured number", [](Json& c) { c["insurance"]["number"] = kPersonalNumber; },
         personal_number_refused},
        {"as the symbol", [](Json& c) { c["insurance"]["symbol"] = kPersonalNumber; },
         personal_number_refused},
        {"in place of the residence", [](Json& c) { c["residence"] = kPersonalNumber; },
         personal_number_refused},
        {"as the audience", [](Json& c) { c["aud"] = kPersonalNumber; }, personal_number_refused},
    });
}

std::string with_wrong_signature(std::string token) {
    token[token.size() - 20] = token[token.size() - 20] == 'A' ? 'B' : 'A';
    return token;
}

TEST_CASE("what is cheap to check is checked before the signature") {
    const std::vector<Row> table = {
        {"issuer", [](Json& c) { c["iss"] = "https://x.example"; },
         ErrorCode::token_unknown_issuer},
        {"audience", [](Json& c) { c["aud"] = "another"; }, ErrorCode::token_wrong_audience},
        {"expired",
         [](Json& c) {
             c["iat"] = kNow - 600;
             c["exp"] = kNow - 300;
         },
         ErrorCode::token_expired},
        {"not yet valid", [](Json& c) { c["nbf"] = kNow + 100; }, ErrorCode::token_not_yet_valid},
        {"another certificate", [](Json& c) { c.erase("cnf"); }, ErrorCode::token_not_bound},
        {"a personal number", [](Json& c) { c["x"] = kPersonalNumber; },
         ErrorCode::personal_number_refused},
    };
    for (const Row& row : table) {
        INFO(row.what);
        Json claims = good_json();
        row.change(claims);
        const std::string token = with_wrong_signature(signer().sign(claims.dump()));
        const auto unchecked =
            UncheckedToken::read(token, *world().issuers, "shikaku", certificate(), at(kNow));
        REQUIRE_FALSE(unchecked);
        CHECK(name(unchecked.error().code) == name(row.code));
    }
    const std::string forged = with_wrong_signature(signer().issue(good_claims()));
    const auto unchecked =
        UncheckedToken::read(forged, *world().issuers, "shikaku", certificate(), at(kNow));
    REQUIRE(unchecked);
    CHECK(unchecked->check_signature().error().code == ErrorCode::token_invalid);
    const std::string token = signer().issue(good_claims());
    const auto good =
        UncheckedToken::read(token, *world().issuers, "shikaku", certificate(), at(kNow));
    REQUIRE(good);
    CHECK(good->check_signature());
}

TEST_CASE("nothing about the person is judged before the signature") {
    Json claims = good_json();
    claims["birth_date"] = "20180501";
    claims["sub"] = "x";
    const std::string token = signer().sign(claims.dump());
    CHECK(check(token).error().detail.find("sub") != std::string::npos);
    CHECK(check(with_wrong_signature(token)).error().detail == "JWS signature is wrong");
}

TEST_CASE("kid and typ decide before the signature") {
    const auto with_header = [](const std::string& header) {
        const std::string token = signer().sign(good_json().dump());
        return check(to_base64url(as_bytes(header)) + token.substr(token.find('.'))).error().code;
    };
    using enum ErrorCode;
    CHECK(with_header(R"({"alg":"ES256","typ":"card+jwt"})") == token_unknown_issuer);
    CHECK(with_header(R"({"alg":"ES256","typ":"card+jwt","kid":"k-none"})") ==
          token_unknown_issuer);
    CHECK(with_header(R"({"alg":"ES256","typ":"card+jwt","kid":""})") == token_unknown_issuer);
    CHECK(with_header(R"({"alg":"ES256","typ":"card+jwt","kid":7})") == token_invalid);
    CHECK(with_header(R"({"alg":"ES256","kid":"k-ES256"})") == token_invalid);
    CHECK(with_header(R"({"alg":"ES256","typ":"JWT","kid":"k-ES256"})") == token_invalid);
    CHECK(with_header(R"({"alg":"ES256","typ":"CARD+JWT","kid":"k-ES256"})") == token_invalid);
    CHECK(with_header(R"({"alg":"RS256","typ":"card+jwt","kid":"k-ES256"})") == token_invalid);
    CHECK(with_header(R"({"alg":"ES256","typ":"card+jwt","kid":"k-RS256"})") == token_invalid);
    CHECK(with_header(R"({"alg":"ES256","typ":"card+jwt","kid":"k-other"})") ==
          token_unknown_issuer);  // the key is not that of the claimed issuer
    CHECK(with_header(R"({"alg":"none","typ":"card+jwt","kid":"k-ES256"})") == token_invalid);
}

TEST_CASE("an issuer's key does not speak for another issuer") {
    Json claims = good_json();
    CHECK(check(world().other[0].sign(claims.dump())).error().code ==
          ErrorCode::token_unknown_issuer);
    claims["iss"] = kOtherIssuer;
    CHECK(check(world().other[0].sign(claims.dump())));
}

TEST_CASE("signed payloads that are no claims are refused") {
    const std::string good = claims_json(good_claims());
    for (const std::string& payload : std::vector<std::string>{
             "", "null", "true", "1.5", "[" + good + "]", good + std::string(1, '\0'), "[]", "1",
             "\"x\"", "{", good + " x", good + good, "\xef\xbb\xbf" + good,
             good.substr(0, good.size() - 1) + ",\"sub\":\"x\"}",
             good.substr(0, good.size() - 1) + ",\"x\":{\"y\":1,\"z\":2,\"y\":1}}",
             good.substr(0, good.size() - 1) + ",\"x\":\"\xff\"}",
             good.substr(0, good.size() - 1) + ",\"x\":" + std::string(40, '[') +
                 std::string(40, ']') + "}"}) {
        INFO(payload);
        CHECK(check(signer().sign(payload)).error().code == ErrorCode::token_invalid);
    }
}

TEST_CASE("a token for another connection or too long a token is refused") {
    const std::string token = signer().issue(good_claims());
    const auto other = check_card_token(token, *world().issuers, "shikaku",
                                        crypto::sha256(as_bytes("clinic b")), at(kNow));
    CHECK(other.error().code == ErrorCode::token_not_bound);
    Json claims = good_json();
    claims["x"] = std::string(bounds::kTokenBytes, 'x');
    CHECK(check_claims(claims).error().code == ErrorCode::token_invalid);
    CHECK(check(std::string_view()).error().code == ErrorCode::token_invalid);
}

TEST_CASE("every single character of a token counts") {
    const std::string token = signer().issue(good_claims());
    for (std::size_t i = 0; i < token.size(); i += 5) {
        std::string bad = token;
        bad[i] = bad[i] == 'x' ? 'y' : 'x';
        INFO(i);
        CHECK_FALSE(check(bad));
        CHECK_FALSE(check(token.substr(0, i)));
    }
}

TEST_CASE("proof methods have their names") {
    for (const auto method :
         {ProofMethod::face, ProofMethod::pin, ProofMethod::smartphone, ProofMethod::visual}) {
        CHECK(parse_proof_method(name(method)) == method);
    }
    CHECK_FALSE(parse_proof_method(""));
}

}  // namespace
}  // namespace shikaku::identity
