// When a publication is held for a person to look at (docs/contract.md 5): it would end, or empty
// one column of, more than a tenth of the rows in force and at least 20; or make as many another
// person's, no longer valid today, or valid in quite other years; a column that said something
// in at least 20 rows would say nothing any more; or more than 1 % of a full publication's rows
// were refused. And, however few: when it is not known whose some rows of a full publication are,
// and it would end rows, or say for the first time who has none (the authority's first one, or one
// that adds rows); or when it would end rows although it has none itself.
#pragma once

#include <vector>

#include "gateway/registry/comparison.h"

namespace shikaku::registry {

struct HoldBackLimits {
    std::uint64_t share_percent = 10;
    std::uint64_t rows_min = 20;
    std::uint64_t refused_percent = 1;
};

// Empty: nothing speaks against it.
[[nodiscard]] std::vector<domain::Localized> reasons_to_hold(const Comparison& comparison,
                                                             const PublicationReport& report,
                                                             const Columns& columns,
                                                             const HoldBackLimits& limits = {});

}  // namespace shikaku::registry
