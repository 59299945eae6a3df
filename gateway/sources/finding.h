// From what a source, the registry or the cache said to the finding of one authority. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/sources/sources.h"

namespace shikaku::sources {

// Beyond the policy's age, or with more rows than one question takes, it can lead to a yes, but not
// to a no.
[[nodiscard]] domain::Finding published_finding(registry::PublishedFor published,
                                                const Policy& policy, Instant now);
// Nobody can be found in data made with another linkage secret: neither a yes nor a no.
[[nodiscard]] domain::Finding other_linkage_finding(domain::AuthorityCode authority, Instant as_of);
[[nodiscard]] domain::Finding live_finding(domain::AuthorityCode authority, std::string_view kind,
                                           adapters::Records records);

// Whether a cached answer is young enough to be used without asking. One without entitlements is
// fresh for bounds::kNoRecordFresh at most. One from the future never is.
[[nodiscard]] bool is_fresh(const Cached& cached, const Policy& policy, Instant now);
[[nodiscard]] domain::Finding cached_finding(domain::AuthorityCode authority, std::string_view kind,
                                             Cached cached);

// The source gave `error`: what the cache still holds, as far as the policy lets it count.
[[nodiscard]] domain::Finding failed_finding(domain::AuthorityCode authority, std::string_view kind,
                                             const Error& error, std::optional<Cached> cached,
                                             const Policy& policy, Instant now);

// Takes over changed_at and revoked_at from the rows of the answer before, where a row says the
// same as then: a source that is asked again has not changed its mind.
void keep_change_times(std::vector<domain::Entitlement>& rows,
                       const std::vector<domain::Entitlement>& before);

}  // namespace shikaku::sources
