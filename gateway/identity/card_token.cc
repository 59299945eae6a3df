#include "gateway/identity/card_token.h"

#include <algorithm>
#include <array>

#include "gateway/crypto/hash.h"
#include "gateway/support/bounds.h"

namespace shikaku::identity {
namespace {

using Kind = Claim::Kind;

constexpr std::string_view kType = "card+jwt";
constexpr std::array<std::string_view, 4> kMethods = {"face", "pin", "smartphone", "visual"};

std::unexpected<Error> refuse(ErrorCode code, std::string_view claim, std::string_view problem) {
    return fail(code, "claim " + std::string(claim) + " " + std::string(problem));
}

std::unexpected<Error> invalid(std::string_view claim, std::string_view problem) {
    return refuse(ErrorCode::token_invalid, claim, problem);
}

bool decode_hash(const Claim& claim, Hash256& out) {
    constexpr std::size_t kCharacters = 43;
    return claim.is(Kind::text) && claim.text.size() == kCharacters &&
           from_base64url(claim.text, out).has_value();
}

// RFC 8705 section 3.1.
Status check_binding(const Claims& claims, const Hash256& client_certificate) {
    Hash256 bound{};
    if (!decode_hash(claims.cnf_thumbprint, bound) ||
        !crypto::equal_constant_time(bound, client_certificate)) {
        return refuse(ErrorCode::token_not_bound, "cnf", "is not this client certificate");
    }
    return {};
}

Status read_subject(Claims& claims, CardToken& token) {
    std::string& id = claims.jti.text;
    const auto printable = [](char c) { return c >= 0x20 && c <= 0x7e; };
    if (!claims.jti.is(Kind::text) || id.size() < bounds::kTokenIdMin ||
        id.size() > bounds::kTokenIdMax || !std::ranges::all_of(id, printable)) {
        return invalid("jti", "is not 16-64 printable ASCII characters");
    }
    token.token_id = std::move(id);
    if (!claims.linkage_check.is(Kind::absent)) {
        token.linkage_check = domain::LinkageCheck::parse(claims.linkage_check.text);
        if (!token.linkage_check) return invalid("linkage_check", "is not 16 letters from a to p");
    }
    if (!decode_hash(claims.sub, token.link_key))
        return invalid("sub", "is not the base64url of 32 bytes");
    return {};
}

// The person was there when the card was read, shortly before the token was made. A consent may be
// older: a patient visited at home gives it once.
Status read_proof_and_consent(const Claims& claims, std::int64_t issued_s, CardToken& token) {
    const auto method = parse_proof_method(claims.proof_method.text);
    if (!claims.proof_method.is(Kind::text) || !method)
        return invalid("proof.method", "is missing or unknown");
    if (!claims.proof_time.is(Kind::seconds)) return invalid("proof.time", "is missing or no time");
    const std::int64_t latest = issued_s + std::chrono::seconds(bounds::kClockSkew).count();
    if (claims.proof_time.seconds > latest) return invalid("proof.time", "is after iat");
    if (issued_s - claims.proof_time.seconds > std::chrono::seconds(bounds::kProofAge).count())
        return invalid("proof.time", "is more than a day before iat");
    if (!claims.consent_medical_subsidy.is(Kind::boolean))
        return invalid("consent.medical_subsidy", "is missing or not true or false");
    if (!claims.consent_checkups.is(Kind::boolean) && !claims.consent_checkups.is(Kind::absent))
        return invalid("consent.checkups", "is not true or false");
    if (!claims.consent_time.is(Kind::seconds))
        return invalid("consent.time", "is missing or no time");
    if (claims.consent_time.seconds > latest) return invalid("consent.time", "is after iat");
    token.proof = *method;
    token.proof_time_s = claims.proof_time.seconds;
    token.consent = claims.consent_medical_subsidy.boolean;
    token.consent_checkups = claims.consent_checkups.boolean;
    token.consent_time_s = claims.consent_time.seconds;
    return {};
}

Status read_person(const Claims& claims, std::int64_t issued_s, CardToken& token) {
    if (!claims.residence.is(Kind::absent)) {
        token.residence = domain::AuthorityCode::parse(claims.residence.text);
        if (!token.residence) return invalid("residence", "is not the code of a municipality");
    }
    if (!claims.birth_date.is(Kind::absent)) {
        token.birth_date = domain::Date::parse_iso(claims.birth_date.text);
        if (!token.birth_date) return invalid("birth_date", "is not a date");
        if (*token.birth_date >
            domain::Date::of_instant_jst(Instant(std::chrono::seconds(issued_s))))
            return invalid("birth_date", "lies ahead");
    }
    return {};
}

// 記号, 番号, 枝番: free text of the insurer, absent where it gives none.
bool take_insurance_text(Claim& claim, std::string& out) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (!(claim.is(Kind::text) || claim.is(Kind::absent)) ||
        claim.text.size() > bounds::kInsuranceTextBytes ||
        std::ranges::any_of(claim.text, control)) {
        return false;
    }
    out = std::move(claim.text);
    return true;
}

Status read_insurance(Claims& claims, std::int64_t issued_s, CardToken& token) {
    if (claims.insurance.is(Kind::absent)) return {};
    domain::Insurance& insurance = token.insurance.emplace();
    insurance.insurer = domain::InsurerNumber::parse(claims.insurer_number.text);
    if (!insurance.insurer) return invalid("insurance.insurer_number", "is missing or malformed");
    if (!take_insurance_text(claims.symbol, insurance.symbol))
        return invalid("insurance.symbol", "is malformed");
    if (!take_insurance_text(claims.number, insurance.number))
        return invalid("insurance.number", "is malformed");
    if (!take_insurance_text(claims.branch, insurance.branch))
        return invalid("insurance.branch", "is malformed");
    insurance.as_of = Instant(std::chrono::seconds(issued_s));
    return {};
}

}  // namespace

std::string_view name(ProofMethod method) {
    return kMethods[static_cast<std::size_t>(method)];
}

std::optional<ProofMethod> parse_proof_method(std::string_view text) {
    const auto found = std::ranges::find(kMethods, text);
    if (found == kMethods.end()) return std::nullopt;
    return static_cast<ProofMethod>(found - kMethods.begin());
}

Result<UncheckedToken::Times> UncheckedToken::check_times(const Claims& claims, Instant now) {
    if (!claims.iat.is(Kind::seconds)) return invalid("iat", "is missing or no time");
    if (!claims.exp.is(Kind::seconds)) return invalid("exp", "is missing or no time");
    if (!claims.nbf.is(Kind::seconds) && !claims.nbf.is(Kind::absent))
        return invalid("nbf", "is no time");
    const Times times{.issued_s = claims.iat.seconds, .expires_s = claims.exp.seconds};
    if (times.expires_s <= times.issued_s) return invalid("exp", "is not after iat");
    if (std::chrono::seconds(times.expires_s - times.issued_s) > bounds::kTokenLife)
        return invalid("exp", "is more than 300 s after iat");
    const auto instant = [](std::int64_t s) { return Instant(std::chrono::seconds(s)); };
    if (now >= instant(times.expires_s) + bounds::kClockSkew)
        return refuse(ErrorCode::token_expired, "exp", "is past");
    if (instant(std::max(times.issued_s, claims.nbf.seconds)) > now + bounds::kClockSkew)
        return refuse(ErrorCode::token_not_yet_valid, "iat or nbf", "lies ahead");
    return times;
}

Result<UncheckedToken> UncheckedToken::read(std::string_view compact, const Issuers& issuers,
                                            std::string_view audience,
                                            const Hash256& client_certificate, Instant now) {
    auto jws = parse_jws(compact);
    if (!jws) return fail(std::move(jws.error()));
    if (jws->header.type != kType) return fail(ErrorCode::token_invalid, "typ is not card+jwt");
    const Issuers::Key* key = jws->header.key_id ? issuers.find(*jws->header.key_id) : nullptr;
    if (key == nullptr) return fail(ErrorCode::token_unknown_issuer, "kid is missing or unknown");
    SHIKAKU_TRY(check_key(*jws, key->key));
    if (key->expires && now >= *key->expires)
        return fail(ErrorCode::token_unknown_issuer, "the key of this kid has expired");

    auto claims = read_claims(jws->payload);
    if (!claims) return fail(std::move(claims.error()));
    if (!claims->iss.is(Kind::text) || claims->iss.text != key->issuer)
        return refuse(ErrorCode::token_unknown_issuer, "iss", "is not the issuer of the key");
    if (!claims->aud.is(Kind::text) || claims->aud.text != audience)
        return refuse(ErrorCode::token_wrong_audience, "aud", "is not this service");
    SHIKAKU_TRY_LET(const auto times, check_times(*claims, now));
    SHIKAKU_TRY(check_binding(*claims, client_certificate));
    return UncheckedToken(*std::move(jws), key->key, *std::move(claims), times);
}

Status UncheckedToken::check_signature() const {
    return identity::check_signature(jws_, *key_);
}

Result<CardToken> UncheckedToken::open() && {
    CardToken token;
    token.issuer = std::move(claims_.iss.text);
    token.expires_s = times_.expires_s;
    SHIKAKU_TRY(read_subject(claims_, token));
    SHIKAKU_TRY(read_proof_and_consent(claims_, times_.issued_s, token));
    SHIKAKU_TRY(read_person(claims_, times_.issued_s, token));
    SHIKAKU_TRY(read_insurance(claims_, times_.issued_s, token));
    return token;
}

Result<CardToken> check_card_token(std::string_view compact, const Issuers& issuers,
                                   std::string_view audience, const Hash256& client_certificate,
                                   Instant now) {
    SHIKAKU_TRY_LET(auto token,
                    UncheckedToken::read(compact, issuers, audience, client_certificate, now));
    SHIKAKU_TRY(token.check_signature());
    return std::move(token).open();
}

}  // namespace shikaku::identity
