// The card issuers the gateway trusts and their public keys (JWKS, RFC 7517), from files. Immutable
// snapshot; replaced as a whole on reload.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/crypto/signature.h"

namespace shikaku::identity {

struct IssuerFile {
    std::string issuer;  // the `iss` claim
    std::filesystem::path jwks;
};

class Issuers {
  public:
    // bad_key with file and kid: no usable key, a key without kid, two keys with one kid (also
    // across issuers), a private key in the file. Keys for other uses or algorithms are skipped.
    [[nodiscard]] static Result<std::shared_ptr<const Issuers>> load(
        const std::vector<IssuerFile>& files);

    struct Key {
        std::string issuer;
        crypto::VerifyKey key;
    };
    [[nodiscard]] const Key* find(std::string_view kid) const;

  private:
    std::map<std::string, Key, std::less<>> keys_;
};

}  // namespace shikaku::identity
