// GET /v1/authorities (docs/contract.md 3.5): who is connected, since when, with which schemes, in
// what state.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "gateway/api/routes.h"
#include "gateway/registry/registry.h"
#include "gateway/sources/sources.h"

namespace shikaku::api {

// Since when an authority is connected, by configuration.
using ConnectedSince = std::map<domain::AuthorityCode, domain::Date>;

class Directory {
  public:
    Directory(const registry::Registry& registry, const sources::Sources& sources,
              std::function<std::shared_ptr<const ConnectedSince>()> since)
        : registry_(registry), sources_(sources), since_(std::move(since)) {}

    HandlerResult list(Context& context);

  private:
    const registry::Registry& registry_;
    const sources::Sources& sources_;
    std::function<std::shared_ptr<const ConnectedSince>()> since_;
};

}  // namespace shikaku::api
