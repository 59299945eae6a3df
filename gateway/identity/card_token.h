// The card token (docs/contract.md 2.2): a JWS that proves that a person's card was read, now, at
// this desk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/linkage_check.h"
#include "gateway/domain/query.h"
#include "gateway/identity/claims.h"
#include "gateway/identity/issuers.h"
#include "gateway/identity/jws.h"
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
    bool consent = false;           // consent.medical_subsidy
    bool consent_checkups = false;  // consent.checkups: its own act, implied by nothing
    std::int64_t consent_time_s = 0;
    std::optional<domain::AuthorityCode> residence;
    std::optional<domain::Date> birth_date;
    std::optional<domain::Insurance> insurance;
};

// What is cheap to check comes first, so that only a token of a known issuer, for this service,
// this client certificate and this moment costs a signature check; a caller may refuse to go so
// far. Errors: the token_* codes; the detail names the claim, never its value. A claim that holds a
// valid 個人番号: personal_number_refused. Single use is the replay guard's.
class UncheckedToken {
  public:
    // Shape, typ, kid, alg, iss, aud, iat, nbf, exp, cnf. `compact` and `issuers` must outlive
    // this.
    [[nodiscard]] static Result<UncheckedToken> read(std::string_view compact,
                                                     const Issuers& issuers,
                                                     std::string_view audience,
                                                     const Hash256& client_certificate,
                                                     Instant now);
    // Nothing of the token is believed before: the signature, 30 to 800 us of processor time.
    // token_invalid.
    [[nodiscard]] Status check_signature() const;
    // What it says of the person and the reading of the card. Only when the signature is right.
    [[nodiscard]] Result<CardToken> open() &&;

  private:
    struct Times {
        std::int64_t issued_s = 0;
        std::int64_t expires_s = 0;
    };
    UncheckedToken(Jws jws, const crypto::VerifyKey& key, Claims claims, Times times)
        : jws_(std::move(jws)), key_(&key), claims_(std::move(claims)), times_(times) {}
    static Result<Times> check_times(const Claims& claims, Instant now);

    Jws jws_;
    const crypto::VerifyKey* key_;
    Claims claims_;
    Times times_;
};

// All of it.
[[nodiscard]] Result<CardToken> check_card_token(std::string_view compact, const Issuers& issuers,
                                                 std::string_view audience,
                                                 const Hash256& client_certificate, Instant now);

}  // namespace shikaku::identity
