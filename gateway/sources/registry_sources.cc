#include "gateway/sources/sources.h"

namespace shikaku::sources {

Sources::Sources(const registry::Registry& registry, Cache& cache, const Clock& clock)
    : Sources(Published{.find_all =
                            [&registry](const Hash256& link_key) {
                                return registry.look_up_all(link_key);
                            },
                        .in_force =
                            [&registry](domain::AuthorityCode authority) {
                                return registry.in_force(authority);
                            }},
              cache, clock) {}

}  // namespace shikaku::sources
