// The explanation of a decision: which rules were looked at, in order, and what each said, in
// Japanese and English. Derived from the same checks that decided; the same facts and rules give
// the same bytes. Says nothing that the answer must not say: no authority that only the residence
// led to, never a birth date or a number.
#pragma once

#include <span>
#include <vector>

#include "gateway/domain/row.h"

namespace shikaku::domain {

// `rows` in their final order; `decision` with its overall outcome.
[[nodiscard]] std::vector<Step> explain(const Case& facts, std::span<const Row> rows,
                                        const Decision& decision);

// The authorities that an answer names. Where nobody holds a record of the person, all that were
// asked. Otherwise those that hold one, and their prefectures, which are asked together with them:
// another one was perhaps asked only because the person lives there. So for everybody, or a shorter
// list would tell who is under protection (不開示).
[[nodiscard]] std::vector<const Finding*> named_findings(const Case& facts);
// How those failed that are not named, each way once: why an answer is not certain is no secret.
[[nodiscard]] std::vector<SourceStatus> unnamed_failures(const Case& facts);

}  // namespace shikaku::domain
