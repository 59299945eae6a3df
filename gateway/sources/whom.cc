#include "gateway/sources/whom.h"

#include <algorithm>

#include "gateway/support/bounds.h"

namespace shikaku::sources {

Whom whom_to_ask(const std::optional<domain::AuthorityCode>& residence,
                 const std::vector<registry::PublishedFor>& published,
                 const Connections& connections,
                 const std::function<bool(domain::AuthorityCode)>& has_published) {
    Whom whom;
    whom.parts.reserve(2 + published.size());
    const auto known = [&whom](domain::AuthorityCode code) {
        return std::ranges::find(whom.parts, code, &Part::authority) != whom.parts.end();
    };
    const auto part_of = [&connections](domain::AuthorityCode code, bool in_registry) {
        const auto found = connections.find(code);
        if (found != connections.end() &&
            found->second.adapter->freshness() != domain::Freshness::published)
            return Part{.authority = code, .by = Part::By::source, .connected = &found->second};
        return Part{.authority = code, .by = in_registry ? Part::By::registry : Part::By::nobody};
    };

    const auto ask_prefecture_of = [&](domain::AuthorityCode code) {
        const domain::AuthorityCode prefecture = code.prefecture_authority();
        const Part part = part_of(prefecture, has_published(prefecture));
        if (part.by == Part::By::nobody || known(prefecture)) return;
        if (whom.parts.size() < bounds::kAuthoritiesPerQuestion)
            whom.parts.push_back(part);
        else
            whom.some_left_out = true;
    };

    if (residence) {
        whom.parts.push_back(part_of(*residence, has_published(*residence)));
        ask_prefecture_of(*residence);
    }
    for (const registry::PublishedFor& one : published) {
        if (one.entitlements.empty() && !one.cut_off) continue;  // a prefecture: not in their place
        if (const auto mine = std::ranges::find(whom.parts, one.authority, &Part::authority);
            mine != whom.parts.end()) {
            if (mine->by == Part::By::nobody) mine->by = Part::By::registry;
        } else if (whom.parts.size() < bounds::kAuthoritiesPerQuestion) {
            whom.parts.push_back(part_of(one.authority, true));
        } else {
            whom.some_left_out = true;
        }
    }
    for (const registry::PublishedFor& one : published)
        ask_prefecture_of(one.authority);
    std::ranges::sort(whom.parts, {}, &Part::authority);
    return whom;
}

}  // namespace shikaku::sources
