// Reads one scheme of a pack: its names and numbers, and its dated rules.
#pragma once

#include "gateway/domain/pack_reader.h"

namespace shikaku::domain {

// The scheme with whatever could be read; it is only used when there was no problem.
[[nodiscard]] Scheme read_scheme(Problems& problems, const Place& place, AuthorityCode authority);
[[nodiscard]] RuleVersion read_rule(Problems& problems, const Place& place);
[[nodiscard]] CopayLine read_copay_line(Problems& problems, const Place& place);
[[nodiscard]] AgeRange read_age(Problems& problems, const Place& place);
[[nodiscard]] Area read_area(Problems& problems, const Place& place);

}  // namespace shikaku::domain
