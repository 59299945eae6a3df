// Reads a scheme pack (docs/contract.md 5.2; JSON Schema in scheme-pack.schema.json): strict,
// unknown keys refused with their JSON pointer, rule versions neither overlapping nor with gaps, no
// co-payment line that can never count; then runs its examples through decide(). A pack that fails
// anywhere is refused whole.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/domain/rule_book.h"
#include "gateway/support/result.h"

namespace shikaku::domain {

struct PackProblem {
    std::string pointer;  // JSON pointer into the pack
    Localized text;
};

struct PackResult {
    std::shared_ptr<const SchemePack> pack;  // null when refused
    std::vector<PackProblem> problems;       // at most 100
    std::size_t examples_run = 0;
};

// `version` as in SchemePack. The authority must match the pack's own "authority" member.
[[nodiscard]] PackResult read_scheme_pack(std::string_view text, AuthorityCode authority,
                                          std::string version);
// One that was accepted before. Its lines and examples are not judged again: a later program may
// decide otherwise, and what was accepted then must stay readable.
[[nodiscard]] PackResult read_accepted_pack(std::string_view text, AuthorityCode authority,
                                            std::string version);

}  // namespace shikaku::domain
