// A desk's question about a person's checkups, and what the authorities said: everything the answer
// depends on beside their packs. The log keeps it and can derive the answer again years later.
#pragma once

#include <optional>
#include <vector>

#include "gateway/domain/query.h"
#include "gateway/kinds/checkup/checkup.h"

namespace shikaku::checkup {

struct Query {
    domain::InstitutionCode institution;
    domain::Date service_date;
    bool consent = false;  // 検診情報の提供に同意: its own act, never implied by another consent
    std::optional<domain::AuthorityCode> residence{};
};

// One authority's part. Checkups stay in the order in which the registry gave them.
struct Finding {
    domain::AuthorityCode authority;
    domain::SourceStatus status = domain::SourceStatus::not_connected;
    Instant as_of{};             // when what it published came into force
    bool beyond_policy = false;  // too long ago: it can show something, but not that there is none
    bool other_linkage = false;  // published with another linkage secret than the card token's
    std::vector<Checkup> checkups{};
};

struct Facts {
    Query query;
    std::vector<Finding> findings{};  // by authority, at most bounds::kAuthoritiesPerQuestion
};

// Whoever answered, and knows all there is at that authority.
[[nodiscard]] bool has_answered(const Finding& finding);

}  // namespace shikaku::checkup
