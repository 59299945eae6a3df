// The details of the registry's log entries, as JSON: who published what for which authority, never
// about whom.
#pragma once

#include <string>
#include <string_view>

#include "gateway/domain/scheme.h"
#include "gateway/registry/publication.h"

namespace shikaku::registry {

[[nodiscard]] std::string scheme_change_detail(domain::AuthorityCode authority,
                                               std::string_view caller,
                                               const domain::SchemePack& pack);

[[nodiscard]] std::string publication_detail(domain::AuthorityCode authority,
                                             std::string_view caller,
                                             const PublicationReport& report);

// From one generation to another; 0: nothing published.
struct SwitchStep {
    std::string_view step;  // publish, release, rollback
    std::int64_t from = 0, to = 0;
    std::string_view reason;  // empty for publish
};
[[nodiscard]] std::string switch_detail(domain::AuthorityCode authority, std::string_view caller,
                                        std::string_view publication, const SwitchStep& step);

}  // namespace shikaku::registry
