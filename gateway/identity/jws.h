// JWS compact serialisation (RFC 7515), verification only, with the five algorithms of card
// tokens. Pure functions; any thread. The only error is token_invalid; its detail says which part
// is wrong and quotes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/crypto/signature.h"

namespace shikaku::identity {

struct JwsHeader {
    crypto::Algorithm algorithm = crypto::Algorithm::RS256;
    std::string type;                   // typ; empty: none
    std::optional<std::string> key_id;  // kid
};

struct Jws {
    JwsHeader header;
    std::string payload;
    Bytes signature;
    std::string_view signing_input;  // part of the text that was parsed, which has to outlive this
};

// Splits and decodes without trusting anything: at most bounds::kTokenBytes, three strict base64url
// parts, the header a JSON object without duplicate keys, `alg` one of the five, no `crit`, `b64`
// or `zip`. Keys that the header names or carries (jwk, jku, x5c, x5u) are never used.
[[nodiscard]] Result<Jws> parse_jws(std::string_view compact);

// The key is for this `alg`, and `kid`, when the key has one and the header too, is the same.
// Cheap.
[[nodiscard]] Status check_key(const Jws& jws, const crypto::VerifyKey& key);

// That, and the signature is right under this key.
[[nodiscard]] Status check_signature(const Jws& jws, const crypto::VerifyKey& key);

// Both in one.
[[nodiscard]] Result<Jws> verify_jws(std::string_view compact, const crypto::VerifyKey& key);

}  // namespace shikaku::identity
