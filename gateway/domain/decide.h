// decide(): the heart of the product. Pure, total, deterministic; it never depends on the order of
// its inputs, and never says not_eligible where a source failed (design invariant 1).
#pragma once

#include "gateway/domain/decision.h"
#include "gateway/domain/rule_book.h"

namespace shikaku::domain {

// The decision points into `facts` and `rules`, which must outlive it.
[[nodiscard]] Decision decide(const Case& facts, const RuleBook& rules);

}  // namespace shikaku::domain
