#include "gateway/app/connect.h"

#include <fmt/format.h>

#include "gateway/crypto/hash.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"

namespace shikaku::app {
namespace {

// Of all that an adapter is made from. Nothing when that is not known, as of a file that cannot be
// read whole: then nobody can say that it has not changed.
std::optional<Hash256> fingerprint(const AuthorityConfig& config) {
    std::string all = config.adapter + "\n" + config.settings->describe();
    if (const http::TlsFiles* files = config.settings->tls()) {
        for (const auto& file : {files->certificate, files->key, files->ca, files->crl}) {
            if (file.empty()) continue;
            const auto content = read_file(file, bounds::kCertificateFileBytes);
            if (!content) return std::nullopt;
            all += fmt::format("{}\n{}", content->size(), *content);
        }
    }
    return crypto::sha256(as_bytes(all));
}

}  // namespace

Result<std::shared_ptr<adapters::Adapter>> make_adapter(const adapters::Settings& settings,
                                                        const registry::Registry* registry,
                                                        Expiries::Dates& expiries) {
    adapters::Settings::Surroundings surroundings{.registry = registry, .tls = nullptr};
    if (const http::TlsFiles* files = settings.tls()) {
        SHIKAKU_TRY_LET(auto tls, http::TlsContext::client(*files));
        Expiries::add(expiries, *tls, "source_certificate", "source_ca", "source_crl");
        surroundings.tls = std::move(tls);
    }
    return settings.make(surroundings);
}

namespace {

Result<MadeAdapter> adapter_for(const AuthorityConfig& config, const registry::Registry& registry,
                                const Adapters& before, Expiries::Dates& expiries) {
    const auto from = fingerprint(config);  // before the files are read: a change is seen later
    SHIKAKU_TRY_LET(auto adapter, make_adapter(*config.settings, &registry, expiries));
    const auto known = before.find(config.code);
    if (known != before.end() && from && known->second.from == from) return known->second;
    return MadeAdapter{.from = from, .adapter = std::move(adapter)};
}

}  // namespace

Result<Connected> connect(const Config& config, const registry::Registry& registry,
                          const Adapters& before) {
    SHIKAKU_TRY_LET(auto issuers, identity::Issuers::load(config.issuers));
    Expiries::Dates expiries;
    for (const Instant at : issuers->expiries())
        expiries.emplace("issuer_key", std::chrono::system_clock::to_time_t(at));
    auto trust =
        std::make_shared<const inquiry::Trust>(inquiry::Trust{.issuers = std::move(issuers),
                                                              .withdrawn = config.withdrawn,
                                                              .linkage = config.linkage,
                                                              .audience = config.audience});

    auto connections = std::make_shared<sources::Connections>();
    auto since = std::make_shared<api::ConnectedSince>();
    Adapters made;
    for (const AuthorityConfig& authority : config.authorities) {
        auto adapter = adapter_for(authority, registry, before, expiries);
        if (!adapter) {
            return fail(adapter.error().code, "authority " + std::string(authority.code.text()) +
                                                  ": " + adapter.error().detail);
        }
        connections->emplace(authority.code,
                             sources::connected(adapter->adapter, authority.policy));
        made.emplace(authority.code, std::move(*adapter));
        if (authority.since) since->emplace(authority.code, *authority.since);
    }
    return Connected{std::move(trust), std::move(connections), std::move(since),
                     std::move(expiries), std::move(made)};
}

}  // namespace shikaku::app
