// The payload of a card token, taken apart while it is read (json_scan.h): no JSON tree is built.
// For card_token.h alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku::identity {

struct Claim {
    enum class Kind : std::uint8_t { absent, text, seconds, boolean, object, other };
    Kind kind = Kind::absent;
    bool boolean = false;
    std::int64_t seconds = 0;  // NumericDate (RFC 7519 section 2), fractions cut off
    std::string text;

    [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
};

struct Claims {
    Claim iss, aud, iat, nbf, exp, jti, sub;  // aud: also the one element of an array
    Claim cnf_thumbprint;                     // cnf."x5t#S256"
    Claim proof_method, proof_time;
    Claim consent_medical_subsidy, consent_checkups, consent_time;
    Claim residence, birth_date;
    Claim linkage_check;
    Claim insurance, insurer_number, symbol, number, branch;
};

// Strict JSON as parse_json reads it. token_invalid: not a JSON object within the bounds, or a key
// twice. personal_number_refused: a valid 個人番号 in any value, however deep, as text or as a
// number of twelve digits; sub and jti are random by construction and not looked at.
[[nodiscard]] Result<Claims> read_claims(std::string_view payload);

}  // namespace shikaku::identity
