// The keys of an authority of kind "rest": where its system is, as whom it is asked, and what it
// calls our fields.
#pragma once

#include "adapters/rest/rest_adapter.h"
#include "adapters/settings.h"
#include "gateway/support/toml_reader.h"

namespace shikaku::adapters::rest {

class RestSettings final : public Settings {
  public:
    RestConfig config;
    http::TlsFiles files;
    bool plain_http = false;  // http:// is allowed, for tests

    [[nodiscard]] Result<std::shared_ptr<Adapter>> make(
        const Surroundings& surroundings) const override;
    [[nodiscard]] const http::TlsFiles* tls() const override { return &files; }
    [[nodiscard]] std::string describe() const override;
    [[nodiscard]] std::vector<std::string> warnings() const override;
};

[[nodiscard]] std::shared_ptr<const Settings> read_settings(TomlReader& table);

}  // namespace shikaku::adapters::rest
