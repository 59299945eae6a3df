// What authorities have published about a person's checkups, as findings. Nothing is kept after the
// question.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "gateway/kinds/checkup/facts.h"
#include "gateway/registry/registry.h"

namespace shikaku::checkup {

struct About {
    Hash256 link_key{};
    std::optional<domain::LinkageCheck> linkage{};
    std::optional<domain::AuthorityCode> residence{};
};
// What an authority has in force, as far as checkups go; a test has its own.
struct Source {
    std::function<std::optional<registry::InForce>(domain::AuthorityCode)> in_force;
    // So long after its last publication an authority may say that there is nothing.
    std::function<std::chrono::seconds(domain::AuthorityCode)> published_up_to;
};

// What was read of the registry about the person, and what the authority of residence had in force
// before: one that publishes in between counts as not connected, not as one that knows nothing.
struct Rows {
    std::optional<registry::InForce> before{};
    Result<std::vector<registry::PublishedRows>> rows{};
};

// The authority of residence, in any case, and whoever has published something about the person.
[[nodiscard]] std::vector<Finding> find_published(const Source& source, const About& about,
                                                  const Rows& read, Instant now);

}  // namespace shikaku::checkup
