// The card token of contract 2: a JWS that proves that a person's card was read, now, at this desk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/linkage_check.h"
#include "gateway/domain/query.h"
#include "gateway/identity/issuers.h"
#include "gateway/support/clock.h"

namespace shikaku::identity {

enum class ProofMethod : std::uint8_t { face, pin, smartphone, visual };
[[nodiscard]] std::string_view name(ProofMethod method);
[[nodiscard]] std::optional<ProofMethod> parse_proof_method(std::string_view text);

struct CardToken {
    std::string issuer;
    std::string token_id;                                 // jti
    std::int64_t expires_s = 0;                           // Unix seconds
    Hash256 link_key{};                                   // sub
    std::optional<domain::LinkageCheck> linkage_check{};  // of the secret that sub was made with
    ProofMethod proof = ProofMethod::face;
    std::int64_t proof_time_s = 0;
    bool consent = false;  // consent.medical_subsidy
    std::int64_t consent_time_s = 0;
    std::optional<domain::AuthorityCode> residence;
    std::optional<domain::Date> birth_date;
    std::optional<domain::Insurance> insurance;
};

// Checks typ, alg, kid, signature, iss, aud, iat, nbf, exp, cnf and the shape of every claim, in an
// order that says nothing about keys to a stranger. Errors: the token_* codes; the detail names the
// claim, never its value. A claim that holds a valid 個人番号: personal_number_refused.
// Single use is the replay guard's.
[[nodiscard]] Result<CardToken> check_card_token(std::string_view compact, const Issuers& issuers,
                                                 std::string_view audience,
                                                 const Hash256& client_certificate, Instant now);

}  // namespace shikaku::identity
