// Which authorities one question concerns, and how each of them can be answered.
//
// The authority of residence, whoever has published about the person, and the prefecture of each
// (if it publishes, the registry names it among them, without a row). A prefecture that takes no
// part is left out, so that it does not turn every "no" of a municipality that takes part into
// "unknown"; the authority of residence is named in any case. That a prefecture is asked together
// with every municipality of it lets an answer name it without telling where the person lives.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gateway/sources/sources.h"

namespace shikaku::sources {

struct Part {
    enum class By : std::uint8_t { nobody, registry, source };
    domain::AuthorityCode authority;
    By by = By::nobody;
    const Connected* connected = nullptr;  // By::source
};

struct Whom {
    std::vector<Part> parts;  // in code order, at most bounds::kAuthoritiesPerQuestion
    bool some_left_out = false;
};

// `connections` must outlive the answer.
[[nodiscard]] Whom whom_to_ask(const std::optional<domain::AuthorityCode>& residence,
                               const std::vector<registry::PublishedFor>& published,
                               const Connections& connections,
                               const std::function<bool(domain::AuthorityCode)>& has_published);

}  // namespace shikaku::sources
