// From the configuration to what can be replaced while running: trusted issuers, and the adapters
// of the authorities that take part.
#pragma once

#include <memory>

#include "gateway/api/desk.h"
#include "gateway/api/directory.h"
#include "gateway/app/config.h"
#include "gateway/registry/registry.h"
#include "gateway/sources/sources.h"

namespace shikaku::app {

struct Connected {
    std::shared_ptr<const api::Trust> trust;
    std::shared_ptr<const sources::Connections> connections;
    std::shared_ptr<const api::ConnectedSince> since;
};

// Everything or an error; nothing is half replaced.
[[nodiscard]] Result<Connected> connect(const Config& config, const registry::Registry& registry);

}  // namespace shikaku::app
