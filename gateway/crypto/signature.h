// Public-key signatures: the five algorithms of a card token, keys from JWK or PEM.
//
// A VerifyKey is parsed once, may be used by many threads, and keeps one OpenSSL context per thread
// so that a check costs the arithmetic and little else. RSA keys: 2048-8192 bits, public exponent
// odd, >= 3 and below 2^64. EC points are checked to be on the curve.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/support/bytes.h"
#include "gateway/support/json.h"
#include "gateway/support/result.h"

namespace shikaku::crypto {

enum class Algorithm { RS256, PS256, ES256, ES384, EdDSA };
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view jose_name);
[[nodiscard]] std::string_view name(Algorithm algorithm);

// A private or symmetric key: nothing that belongs into a file of public keys.
[[nodiscard]] bool jwk_has_secret(const Json& jwk);

class VerifyKey {
  public:
    // A public JWK (RFC 7517). "alg" fixes the algorithm; without it the key type and curve do (RSA
    // without alg: RS256 and PS256 both). Refused (bad_key): private or symmetric keys, "use" other
    // than sig, key_ops without verify, unknown curves, malformed numbers.
    [[nodiscard]] static Result<VerifyKey> from_jwk(const Json& jwk);
    [[nodiscard]] static Result<VerifyKey> from_pem(std::string_view pem, Algorithm algorithm);
    [[nodiscard]] static Result<VerifyKey> from_ed25519(BytesView public32);
    [[nodiscard]] static Result<VerifyKey> from_spki(BytesView der, Algorithm algorithm);

    // The JWK's "kid"; empty when it has none or the key came from elsewhere.
    [[nodiscard]] const std::string& key_id() const;
    [[nodiscard]] bool allows(Algorithm algorithm) const;
    // Signature in JOSE form (ECDSA: r || s of fixed width). False for anything that is not exactly
    // right, including an algorithm this key is not for.
    [[nodiscard]] bool verify(Algorithm algorithm, BytesView message, BytesView signature) const;

    VerifyKey(VerifyKey&&) noexcept;
    VerifyKey& operator=(VerifyKey&&) noexcept;
    ~VerifyKey();

  private:
    struct Impl;
    explicit VerifyKey(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Used by the log (Ed25519) and by the developers' card issuer (any).
class SigningKey {
  public:
    [[nodiscard]] static Result<SigningKey> from_pem(std::string_view pem);
    [[nodiscard]] static SigningKey generate(Algorithm algorithm);  // RSA: 2048 bits

    // Whether this key can make such signatures; sign() and public_jwk() abort when it cannot.
    [[nodiscard]] bool allows(Algorithm algorithm) const;
    [[nodiscard]] Bytes sign(Algorithm algorithm, BytesView message) const;  // JOSE form
    [[nodiscard]] Json public_jwk(std::string_view kid, Algorithm algorithm) const;
    [[nodiscard]] Result<Bytes> ed25519_public() const;  // 32 bytes
    [[nodiscard]] std::string pem() const;               // PKCS#8

    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;
    ~SigningKey();

  private:
    struct Impl;
    explicit SigningKey(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::crypto
