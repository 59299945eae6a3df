// What an upload would change in what is in force: walks both in the order of history keys, writes
// the changes into the staging area, and counts. A row that changes is opened, old and new, because
// whose it is and when it is valid decide more than that its content differs.
#pragma once

#include <array>
#include <vector>

#include "gateway/registry/publication.h"
#include "gateway/registry/record_kind.h"
#include "gateway/registry/row_keys.h"
#include "gateway/storage/sqlite/staging_store.h"

namespace shikaku::registry {

struct Comparison {
    std::uint64_t added = 0, changed = 0, ended = 0, unchanged = 0;
    std::uint64_t refused = 0, warnings = 0;  // found by comparing: duplicates, overlaps, ...
    std::uint64_t in_force = 0;               // rows before
    // Of the rows that change: those that become another person's; that are valid today and would
    // not be; whose period begins or ends more than bounds::kPeriodShiftDays earlier or later; and
    // those whose old content cannot be opened, so that nothing is known of this.
    std::uint64_t other_person = 0, no_longer_valid = 0, shifted = 0, not_comparable = 0;
    // Refused rows of which it is not known whose they are (also the second of two with one history
    // key: either key may be the wrong one), and the first lines of them.
    std::uint64_t unattributed = 0;
    std::vector<std::uint64_t> unattributed_lines{};
    // Of these, in a full publication: rows that say nothing but a history key, under which nothing
    // is in force nor was such a row before.
    std::uint64_t newly_nobodys = 0;
    // Per column: rows that lost their value; rows that had one before and would have one after
    // (the last two in a full publication only, where every row is looked at).
    std::array<std::uint64_t, kColumnsMax> emptied{}, filled_before{}, filled_after{};
};

// What opens the rows that change, and the day of which the comparison speaks.
struct ComparedBy {
    const RowKeys& keys;
    const RecordKind& kind;
    storage::AuthorityNumber set = 0;
    domain::Date today;
};

[[nodiscard]] Result<Comparison> compare(storage::StagingStore& staging,
                                         storage::InForceRows& in_force, Mode mode,
                                         std::uint64_t rows_in_force, const ComparedBy& by);

}  // namespace shikaku::registry
