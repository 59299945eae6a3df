// The examples of a scheme pack: a question and the decision that its author expects. They run
// through decide() with the pack itself whenever it is loaded, so a rule cannot change without
// somebody saying what should come out.
#pragma once

#include <optional>

#include "gateway/domain/pack_reader.h"
#include "gateway/domain/query.h"
#include "gateway/domain/rule_book.h"

namespace shikaku::domain {

// The facts an example asks about, on its own service date or another day; absent validity dates
// lie a year to both sides of it. The example's certificate is the first entitlement of the first
// finding. Nothing, and problems, for what is no question.
[[nodiscard]] std::optional<Case> read_example_question(Problems& problems, const Place& place,
                                                        const Scheme& scheme,
                                                        std::optional<Date> day = {});

// `rules` holds the pack. What differs from the expectation is a problem at the example's place.
void run_example(Problems& problems, const Place& place, const Scheme& scheme,
                 const RuleBook& rules);

}  // namespace shikaku::domain
