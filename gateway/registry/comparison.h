// What an upload would change in what is in force: walks both in the order of history keys, writes
// the changes into the staging area, and counts.
#pragma once

#include <array>
#include <vector>

#include "gateway/registry/columns.h"
#include "gateway/registry/publication.h"
#include "gateway/storage/registry_store.h"

namespace shikaku::registry {

struct Comparison {
    std::uint64_t added = 0, changed = 0, ended = 0, unchanged = 0;
    std::uint64_t refused = 0, warnings = 0;  // found by comparing: duplicates, overlaps, ...
    std::uint64_t in_force = 0;               // rows before
    // Refused rows of which it is not known whose they are (also the second of two with one history
    // key: either key may be the wrong one), and the first lines of them.
    std::uint64_t unattributed = 0;
    std::vector<std::uint64_t> unattributed_lines{};
    // Per column: rows that lost their value; rows that had one before and would have one after
    // (the last two in a full publication only, where every row is looked at).
    std::array<std::uint64_t, kColumnCount> emptied{}, filled_before{}, filled_after{};
};

[[nodiscard]] Result<Comparison> compare(storage::StagingStore& staging,
                                         storage::InForceRows& in_force, Mode mode,
                                         std::uint64_t rows_in_force);

}  // namespace shikaku::registry
