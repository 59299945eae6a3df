// Signs card tokens as a card reader with its issuer does in production: for developers, tests and
// measurements. Nothing in the serving gateway uses it.
#pragma once

#include <string>
#include <string_view>

#include "gateway/crypto/signature.h"
#include "gateway/identity/card_token.h"

namespace shikaku::identity {

// `person` holds what CardToken holds after the check; its expires_s is when the token ends.
struct CardClaims {
    CardToken person;
    std::string audience;
    std::int64_t issued_s = 0;
    Hash256 client_certificate{};
};

// The token's payload (docs/contract.md 2.2), compact JSON.
[[nodiscard]] std::string claims_json(const CardClaims& claims);
// 32 characters, never given before.
[[nodiscard]] std::string random_token_id();

// Thread-safe.
class CardIssuer {
  public:
    // bad_key when the key cannot make such signatures.
    [[nodiscard]] static Result<CardIssuer> create(crypto::SigningKey key,
                                                   crypto::Algorithm algorithm, std::string kid);

    [[nodiscard]] std::string issue(const CardClaims& claims) const;
    [[nodiscard]] std::string sign(std::string_view payload) const;  // any payload
    [[nodiscard]] Json public_jwk() const;

  private:
    CardIssuer(crypto::SigningKey key, crypto::Algorithm algorithm, std::string kid);

    crypto::SigningKey key_;
    crypto::Algorithm algorithm_;
    std::string kid_;
    std::string header_;  // base64url, with the dot
};

}  // namespace shikaku::identity
