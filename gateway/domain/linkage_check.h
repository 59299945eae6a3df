// Tells one linkage secret from another without telling the secret: 16 letters from a to p, 64 bits
// of HMAC-SHA256 under it over a fixed text. Letters, so that no 個人番号 can stand in it by
// chance. Publications and card tokens carry it, because link keys made with different secrets
// never meet: everybody would seem to be unknown.
#pragma once

#include <algorithm>

#include "gateway/domain/numbers.h"

namespace shikaku::domain {

class LinkageCheck : public detail::Digits<LinkageCheck, 16> {
  public:
    [[nodiscard]] static std::optional<LinkageCheck> parse(std::string_view text) {
        const auto is_letter = [](char c) { return c >= 'a' && c <= 'p'; };
        if (text.size() != 16 || !std::ranges::all_of(text, is_letter)) return std::nullopt;
        return LinkageCheck(text);
    }

  private:
    using Digits::Digits;
};

// Both are known and not the same.
[[nodiscard]] inline bool differ(const std::optional<LinkageCheck>& a,
                                 const std::optional<LinkageCheck>& b) {
    return a && b && *a != *b;
}

}  // namespace shikaku::domain
