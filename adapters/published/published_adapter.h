// Kind "published": what an authority has published, seen through the port.
//
// Sources reads the registry once for all authorities of a question, so it takes an adapter of this
// kind as the statement that the authority takes part, and calls look_up() for nobody. Who holds
// only an Adapter gets the same answer here, one authority at a time. Never waits; any thread.
#pragma once

#include "adapters/adapter.h"
#include "gateway/registry/registry.h"

namespace shikaku::adapters::published {

class PublishedAdapter final : public Adapter {
  public:
    explicit PublishedAdapter(const registry::Registry& registry) : registry_(registry) {}

    [[nodiscard]] std::string_view kind() const override { return "published"; }
    [[nodiscard]] std::string configuration() const override { return {}; }
    [[nodiscard]] domain::Freshness freshness() const override {
        return domain::Freshness::published;
    }
    // source_unavailable: nothing published yet, or the registry cannot be read.
    [[nodiscard]] asio::awaitable<Result<Records>> look_up(const LookUp& lookup) override;

  private:
    const registry::Registry& registry_;
};

}  // namespace shikaku::adapters::published
