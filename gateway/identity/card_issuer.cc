#include "gateway/identity/card_issuer.h"

#include <array>

#include "gateway/crypto/hash.h"

namespace shikaku::identity {

std::string claims_json(const CardClaims& claims) {
    const CardToken& person = claims.person;
    std::string out;
    out.reserve(1024);
    JsonWriter json(out);
    json.begin_object()
        .field("iss", person.issuer)
        .field("aud", claims.audience)
        .field("iat", claims.issued_s)
        .field("exp", person.expires_s)
        .field("jti", person.token_id)
        .field("sub", to_base64url(person.link_key));
    if (person.linkage_check) json.field("linkage_check", person.linkage_check->text());
    json.key("cnf").begin_object();
    json.field("x5t#S256", to_base64url(claims.client_certificate)).end_object();
    json.key("proof").begin_object().field("method", name(person.proof));
    json.field("time", person.proof_time_s).end_object();
    json.key("consent").begin_object().field("medical_subsidy", person.consent);
    if (person.consent_checkups) json.field("checkups", true);
    json.field("time", person.consent_time_s).end_object();
    if (person.residence) json.field("residence", person.residence->text());
    if (person.birth_date) json.field("birth_date", person.birth_date->iso());
    if (person.insurance && person.insurance->insurer) {
        const domain::Insurance& insurance = *person.insurance;
        json.key("insurance").begin_object();
        json.field("insurer_number", insurance.insurer->text())
            .field("symbol", insurance.symbol)
            .field("number", insurance.number)
            .field("branch", insurance.branch)
            .end_object();
    }
    json.end_object();
    return out;
}

std::string random_token_id() {
    std::array<std::uint8_t, 24> random{};
    crypto::random_bytes(random);
    return to_base64url(random);
}

Result<CardIssuer> CardIssuer::create(crypto::SigningKey key, crypto::Algorithm algorithm,
                                      std::string kid) {
    if (!key.allows(algorithm)) {
        return fail(ErrorCode::bad_key,
                    "the key cannot sign with " + std::string(crypto::name(algorithm)));
    }
    return CardIssuer(std::move(key), algorithm, std::move(kid));
}

CardIssuer::CardIssuer(crypto::SigningKey key, crypto::Algorithm algorithm, std::string kid)
    : key_(std::move(key)), algorithm_(algorithm), kid_(std::move(kid)) {
    std::string header;
    JsonWriter(header)
        .begin_object()
        .field("alg", crypto::name(algorithm_))
        .field("typ", "card+jwt")
        .field("kid", kid_)
        .end_object();
    header_ = to_base64url(as_bytes(header)) + ".";
}

std::string CardIssuer::issue(const CardClaims& claims) const {
    return sign(claims_json(claims));
}

std::string CardIssuer::sign(std::string_view payload) const {
    std::string token = header_ + to_base64url(as_bytes(payload));
    const Bytes signature = key_.sign(algorithm_, as_bytes(token));
    token += '.';
    token += to_base64url(signature);
    return token;
}

Json CardIssuer::public_jwk() const {
    return key_.public_jwk(kid_, algorithm_);
}

}  // namespace shikaku::identity
