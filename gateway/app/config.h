// The configuration file (TOML). Unknown keys are errors with a suggestion; relative paths are
// relative to the file. `shikaku check` prints the effective values; secrets are in files, never in
// here.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/settings.h"
#include "gateway/api/rate_limits.h"
#include "gateway/domain/date.h"
#include "gateway/domain/linkage_check.h"
#include "gateway/domain/numbers.h"
#include "gateway/http/tls.h"
#include "gateway/identity/caller.h"
#include "gateway/identity/issuers.h"
#include "gateway/sources/sources.h"
#include "gateway/support/result.h"

namespace shikaku::app {

struct Endpoint {
    std::string address;
    std::uint16_t port = 0;
};

struct AuthorityConfig {
    domain::AuthorityCode code;
    std::string adapter;  // its kind
    std::optional<domain::Date> since{};
    sources::Policy policy{};
    std::shared_ptr<const adapters::Settings> settings{};  // the kind's own
};

struct Config {
    std::filesystem::path file;
    Endpoint api{"127.0.0.1", 8443};
    int threads = 0;  // 0: one per core
    http::TlsFiles tls;
    Endpoint ops{"127.0.0.1", 9464};
    std::filesystem::path data;
    std::filesystem::path key_ring;
    std::filesystem::path log_signer;
    std::string log_origin;
    std::filesystem::path log_anchor;  // the last signed checkpoint, best on another volume
    std::string log_level = "info";
    std::string log_file;
    std::string audience = "shikaku";
    std::optional<domain::LinkageCheck> linkage;
    identity::Withdrawn withdrawn;
    std::vector<identity::IssuerFile> issuers;
    std::vector<AuthorityConfig> authorities;
    std::map<std::string, std::vector<std::string>, std::less<>> local_order;
    api::Rates rates;
    api::Rate network_handshakes{.per_minute = bounds::kFullHandshakesOfNetwork,
                                 .burst = bounds::kConnections};
    api::Rate client_handshakes{.per_minute = bounds::kFullHandshakesOfClient,
                                .burst = bounds::kConnectionsPerCertificate};
};

// bad_configuration: the detail names the key and what is wrong with it, one problem a line.
[[nodiscard]] Result<Config> load_config(const std::filesystem::path& file);

// What works, and should not stay so: in words, Japanese and English, one each.
[[nodiscard]] std::vector<std::string> warnings(const Config& config);

// The effective configuration as TOML, for people.
[[nodiscard]] std::string describe(const Config& config);

}  // namespace shikaku::app
