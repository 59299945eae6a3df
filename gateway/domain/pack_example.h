// The examples of a scheme pack: a question and the decision that its author expects. They run
// through decide() with the pack itself whenever it is loaded, so a rule cannot change without
// somebody saying what should come out.
#pragma once

#include "gateway/domain/pack_reader.h"
#include "gateway/domain/rule_book.h"

namespace shikaku::domain {

// `rules` holds the pack. What differs from the expectation is a problem at the example's place.
void run_example(Problems& problems, const Place& place, const Scheme& scheme,
                 const RuleBook& rules);

}  // namespace shikaku::domain
