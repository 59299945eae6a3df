// From the configuration to what can be replaced while running: trusted issuers, and the adapters
// of the authorities that take part.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "gateway/api/directory.h"
#include "gateway/app/config.h"
#include "gateway/app/expiries.h"
#include "gateway/inquiry/inquiry.h"
#include "gateway/registry/registry.h"
#include "gateway/sources/sources.h"

namespace shikaku::app {

// An adapter and what it was made from: its configuration and what its TLS files held.
struct MadeAdapter {
    std::optional<Hash256> from;
    std::shared_ptr<adapters::Adapter> adapter;
};
using Adapters = std::map<domain::AuthorityCode, MadeAdapter>;

struct Connected {
    std::shared_ptr<const inquiry::Trust> trust;
    std::shared_ptr<const sources::Connections> connections;
    std::shared_ptr<const api::ConnectedSince> since;
    Expiries::Dates expiries;  // of issuers' keys and of what sources are reached with
    Adapters adapters;
};

// Nobody is asked now. Without a registry only to see whether it can be made.
[[nodiscard]] Result<std::shared_ptr<adapters::Adapter>> make_adapter(
    const adapters::Settings& settings, const registry::Registry* registry,
    Expiries::Dates& expiries);

// Everything or an error; nothing is half replaced. Adapters of `before` whose configuration and
// TLS files are the same are kept, with their open connections.
[[nodiscard]] Result<Connected> connect(const Config& config, const registry::Registry& registry,
                                        const Adapters& before = {});

}  // namespace shikaku::app
