// The linkage secret, which turns a 個人番号 into a link key (docs/contract.md 2.2). Only the edge
// knows it: the municipality's publishing tool and the card issuer. The gateway never loads one.
#pragma once

#include <filesystem>
#include <string_view>

#include "gateway/crypto/hash.h"
#include "gateway/domain/linkage_check.h"
#include "gateway/support/result.h"

namespace shikaku::identity {

class LinkageSecret {
  public:
    // The base64 of 32 bytes, a line end allowed, in a file that only its owner can read. bad_key,
    // io_failed.
    [[nodiscard]] static Result<LinkageSecret> load(const std::filesystem::path& file);
    explicit LinkageSecret(const Hash256& secret) : key_(secret) {}

    // HMAC-SHA256 over the 12 ASCII digits. invalid_field: not a 個人番号 (shape or check digit).
    [[nodiscard]] Result<Hash256> link_key(std::string_view personal_number) const;

    // See linkage_check.h.
    [[nodiscard]] domain::LinkageCheck check_value() const;

  private:
    crypto::HmacKey key_;
};

}  // namespace shikaku::identity
