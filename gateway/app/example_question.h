// The question of a scheme pack's example, as facts that decide() can look at on any day, so that a
// reviewer sees what a changed rule answers before and after it begins.
#pragma once

#include <optional>

#include "gateway/domain/query.h"
#include "gateway/domain/scheme.h"
#include "gateway/support/json.h"

namespace shikaku::app {

// The members are those of scheme-pack.schema.json, read as the pack's own examples are; absent
// validity dates lie a year to both sides of `day`. The example's certificate is the first
// entitlement of the first finding. Nothing for what is no question.
[[nodiscard]] std::optional<domain::Case> read_example_question(const Json& question,
                                                                const domain::Scheme& scheme,
                                                                domain::Date day);

}  // namespace shikaku::app
