// What the gateway reads from a peer's X.509 certificate after OpenSSL has verified its chain.
// Plain values: nothing here checks a signature, a date or a revocation list. bad_key: not a
// certificate.
#pragma once

#include <string>
#include <vector>

#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

namespace shikaku::crypto {

struct Certificate {
    Hash256 sha256{};               // of the DER form: x5t#S256 (RFC 8705)
    std::vector<std::string> uris;  // subjectAltName URIs, byte for byte
    std::string serial_hex;         // lower case, whole octets
    bool is_authority = false;      // basicConstraints CA:TRUE, or X.509 version 1

    [[nodiscard]] static Result<Certificate> from_der(BytesView der);
    // The first certificate of the file.
    [[nodiscard]] static Result<Certificate> from_pem_file(const std::string& path);
};

}  // namespace shikaku::crypto
