#include "gateway/domain/rule_book.h"

#include <algorithm>

namespace shikaku::domain {

const Scheme* RuleBook::find(AuthorityCode authority, std::string_view scheme_id,
                             const std::optional<PayerNumber>& payer_number) const {
    const auto pack = packs.find(authority);
    if (pack == packs.end() || !pack->second) return nullptr;
    const std::vector<Scheme>& schemes = pack->second->schemes;
    if (!scheme_id.empty()) {
        const auto by_id = std::ranges::find(schemes, scheme_id, &Scheme::id);
        if (by_id != schemes.end()) return &*by_id;
    }
    if (payer_number) {
        const auto by_number = std::ranges::find_if(schemes, [&](const Scheme& scheme) {
            return std::ranges::find(scheme.payer_numbers, *payer_number) !=
                   scheme.payer_numbers.end();
        });
        if (by_number != schemes.end()) return &*by_number;
    }
    return nullptr;
}

}  // namespace shikaku::domain
