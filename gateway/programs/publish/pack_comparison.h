// What a new version of a scheme pack answers differently: every example of both packs is asked
// under both, on its own day, on the first day of each rule version of its scheme, and on the day
// before. The examples need not come out as expected: a changed rule is exactly what is looked for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/date.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/result.h"

namespace shikaku::programs {

struct PackChange {
    std::string scheme;   // id
    std::string example;  // name
    domain::Date date;
    // Only the parts that differ: outcome with reason, text of the co-payment, place on the claim.
    std::string before, after;
};

struct PackComparison {
    std::size_t asked = 0;            // examples on a day
    std::vector<PackChange> changes;  // in the order of the new pack's examples, then by day
};

// The authority that a pack says it is of. unprocessable: it says none.
[[nodiscard]] Result<domain::AuthorityCode> authority_of(std::string_view pack);

// unprocessable: one of them is no scheme pack (examples aside), or they are of two authorities.
[[nodiscard]] Result<PackComparison> compare_packs(std::string_view before, std::string_view after);

}  // namespace shikaku::programs
