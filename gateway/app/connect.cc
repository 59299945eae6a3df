#include "gateway/app/connect.h"

#include "adapters/published/published_adapter.h"
#include "adapters/rest/rest_adapter.h"

namespace shikaku::app {
namespace {

Result<std::shared_ptr<adapters::Adapter>> make_adapter(const AuthorityConfig& config,
                                                        const registry::Registry& registry) {
    if (config.adapter == "published")
        return std::make_shared<adapters::published::PublishedAdapter>(registry);
    auto tls = http::TlsContext::client(config.tls);
    if (!tls) return fail(tls.error());
    auto adapter = adapters::rest::RestAdapter::make(
        {.url = config.url, .path = config.path, .fields = config.fields}, std::move(*tls));
    if (!adapter) return fail(adapter.error());
    return std::shared_ptr<adapters::Adapter>(std::move(*adapter));
}

}  // namespace

Result<Connected> connect(const Config& config, const registry::Registry& registry) {
    auto issuers = identity::Issuers::load(config.issuers);
    if (!issuers) return fail(issuers.error());
    auto trust = std::make_shared<const api::Trust>(api::Trust{.issuers = std::move(*issuers),
                                                               .withdrawn = config.withdrawn,
                                                               .linkage = config.linkage,
                                                               .audience = config.audience});

    auto connections = std::make_shared<sources::Connections>();
    auto since = std::make_shared<api::ConnectedSince>();
    for (const AuthorityConfig& authority : config.authorities) {
        auto adapter = make_adapter(authority, registry);
        if (!adapter) {
            return fail(adapter.error().code, "authority " + std::string(authority.code.text()) +
                                                  ": " + adapter.error().detail);
        }
        connections->emplace(authority.code,
                             sources::connected(std::move(*adapter), authority.policy));
        if (authority.since) since->emplace(authority.code, *authority.since);
    }
    return Connected{std::move(trust), std::move(connections), std::move(since)};
}

}  // namespace shikaku::app
