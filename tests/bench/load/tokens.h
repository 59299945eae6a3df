// Card tokens signed before the measured window, and the issuer that signs them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace shikaku::bench {

struct TokenPlan {
    std::string issuer_key;  // PEM: RSA (RS256) or P-256 (ES256)
    std::string issuer = "https://card-issuer.shikaku.example";
    std::string audience = "shikaku";
    std::string certificate_thumbprint;  // of the client certificate that will send them
    std::string residence;               // 6 digits, may be empty
    std::uint64_t first_person = 0;      // token i is about person first + i mod people
    std::uint64_t people = 1;
    bool expired = false;  // rightly signed and an hour too old: a denial
    bool forged = false;   // right but for an ES384 signature that nobody made
};

// `count` single-use tokens, signed on every core of the machine.
[[nodiscard]] std::vector<std::string> sign_tokens(const TokenPlan& plan, std::size_t count);

// Writes rsa.pem, ec.pem and jwks.json into the folder: an issuer for the configuration under test.
// The P-384 key in it only serves to check what is forged.
void make_issuer(const std::filesystem::path& folder);

}  // namespace shikaku::bench
