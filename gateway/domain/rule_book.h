// All rules in force at one moment: the packs of every authority, and the orders of payers. An
// immutable snapshot, swapped as a whole when an authority publishes a new pack.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/domain/scheme.h"

namespace shikaku::domain {

struct RuleBook {
    std::map<AuthorityCode, std::shared_ptr<const SchemePack>> packs;
    // When each pack was accepted. An answer for an earlier date can have changed then.
    std::map<AuthorityCode, Instant> accepted;
    // Prefecture digits -> 法別番号 of local schemes in the order the prefecture sets; from the
    // configuration, as no public list exists for every prefecture.
    std::map<std::string, std::vector<std::string>, std::less<>> local_order;

    // By scheme id, else by full payer number. Null: unknown.
    [[nodiscard]] const Scheme* find(AuthorityCode authority, std::string_view scheme_id,
                                     const std::optional<PayerNumber>& payer_number) const;
};

}  // namespace shikaku::domain
