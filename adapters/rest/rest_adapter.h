// Kind "rest": a municipal system that answers JSON over HTTPS with mutual TLS.
//
//   POST <path>   {"linkKey": "<base64url of 32 bytes>", "serviceDate": "2026-11-20"}
//   200           {"linkKey": ..., "asOf": "2026-11-20T08:59:00+09:00", "records": [{...}, ...]}
//
// The members of a record are mapped by configuration (field_map.h); answer.h says what counts as
// an answer, and what as a failure. One object serves many threads.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "adapters/adapter.h"
#include "adapters/rest/field_map.h"
#include "gateway/http/client.h"

namespace shikaku::adapters::rest {

struct RestConfig {
    std::string url;                              // "https://host:port"
    std::string path = "/subsidies/lookup";       // of the look-up
    std::map<std::string, std::string> fields{};  // changes to the field map
};

class RestAdapter final : public Adapter {
  public:
    // bad_configuration: see FieldMap and http::Client.
    [[nodiscard]] static Result<std::unique_ptr<RestAdapter>> make(
        const RestConfig& config, std::shared_ptr<http::TlsContext> tls);

    [[nodiscard]] std::string_view kind() const override { return "rest"; }
    [[nodiscard]] std::string configuration() const override { return configuration_; }
    [[nodiscard]] domain::Freshness freshness() const override { return domain::Freshness::live; }
    [[nodiscard]] asio::awaitable<Result<Records>> look_up(const LookUp& lookup) override;

  private:
    RestAdapter(std::unique_ptr<http::Client> client, const RestConfig& config, FieldMap fields);

    std::unique_ptr<http::Client> client_;
    std::string path_;
    FieldMap fields_;
    std::string configuration_;
};

}  // namespace shikaku::adapters::rest
