// From JWK, SPKI and raw bytes to OpenSSL keys and back; private to gateway/crypto.
#pragma once

#include "gateway/crypto/openssl.h"
#include "gateway/crypto/signature.h"

namespace shikaku::crypto {

// Octets of one coordinate or scalar of the curve behind ES256 (32) and ES384 (48).
[[nodiscard]] std::size_t ec_width(Algorithm algorithm);

// True when the key's type, size, exponent and curve are those of the algorithm.
[[nodiscard]] bool suits(const EVP_PKEY* key, Algorithm algorithm);

[[nodiscard]] Result<Pkey> pkey_from_jwk(const Json& jwk);  // kty, n, e, crv, x, y only
[[nodiscard]] Result<Pkey> pkey_from_spki(BytesView der);
[[nodiscard]] Result<Pkey> pkey_from_ed25519(BytesView public32);

// kty and the public numbers.
[[nodiscard]] Json jwk_of(const EVP_PKEY* key, Algorithm algorithm);

}  // namespace shikaku::crypto
