// The explanation of a decision: which rules were looked at, in order, and what each said, in
// Japanese and English. Derived from the same checks that decided; the same facts and rules give
// the same bytes. Says nothing that the answer must not say: for a person under protection (不開示)
// only authorities that the claim names anyway, and never a birth date or a number.
#pragma once

#include <span>
#include <vector>

#include "gateway/domain/row.h"

namespace shikaku::domain {

// `rows` in their final order; `decision` with its overall outcome.
[[nodiscard]] std::vector<Step> explain(const Case& facts, std::span<const Row> rows,
                                        const Decision& decision);

// Whether the answer may name the finding's authority. An authority without a record was perhaps
// asked only because the person lives there.
[[nodiscard]] bool may_name(const Finding& finding, bool not_disclosed);
[[nodiscard]] bool is_not_disclosed(const Case& facts);

}  // namespace shikaku::domain
