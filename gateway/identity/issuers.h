// The card issuers the gateway trusts and their public keys (JWKS, RFC 7517), from files. Immutable
// snapshot; replaced as a whole on reload.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/crypto/signature.h"
#include "gateway/support/clock.h"

namespace shikaku::identity {

struct IssuerFile {
    std::string issuer;  // the `iss` claim
    std::filesystem::path jwks;
};

class Issuers {
  public:
    // A key that cannot be used is left out and told by unusable(): malformed, weak, without kid,
    // with a kid that is known already (also across issuers), private, revoked, or with an `exp`
    // that is no number. One bad key of an issuer
    // must not keep out the patients whose cards the others sign. bad_key with the file: no usable
    // key in it. Keys for other uses or algorithms are nobody's business.
    [[nodiscard]] static Result<std::shared_ptr<const Issuers>> load(
        const std::vector<IssuerFile>& files);

    struct Key {
        std::string issuer;
        crypto::VerifyKey key;
        std::optional<Instant> expires;  // the member `exp` of the JWK
        std::string thumbprint{};        // RFC 7638
    };
    [[nodiscard]] const Key* find(std::string_view kid) const;

    // One line for each key left out: file, kid and why.
    [[nodiscard]] const std::vector<std::string>& unusable() const { return unusable_; }
    [[nodiscard]] std::size_t usable() const { return keys_.size(); }
    [[nodiscard]] const std::map<std::string, Key, std::less<>>& by_kid() const { return keys_; }
    // Of the keys that have one.
    [[nodiscard]] std::vector<Instant> expiries() const;

  private:
    void take_file(const IssuerFile& file, const Json& keys);

    std::map<std::string, Key, std::less<>> keys_;
    std::vector<std::string> unusable_;
};

}  // namespace shikaku::identity
