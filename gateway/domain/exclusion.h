// Subsidies that another subsidy of the same person excludes (生活保護, 重度, ひとり親 ...):
// SUPERSEDED.
//
// Only a subsidy that itself stands excludes another. Where rules exclude each other, the one that
// pays first on a claim stands: a person who holds two certificates is never left with none. One
// that stands only by what a failed source said before leaves the other unknown (excluder_failed).
#pragma once

#include <vector>

#include "gateway/domain/row.h"

namespace shikaku::domain {

// Whether the rule of `row` gives way to `other`, by 法別番号, scheme id or "authority/scheme". A
// local 法別番号 counts in its own prefecture only.
[[nodiscard]] bool gives_way(const Row& row, const Row& other);
void apply_exclusions(std::vector<Row>& rows, const RuleBook& rules);

}  // namespace shikaku::domain
