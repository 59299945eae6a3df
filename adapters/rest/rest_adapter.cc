#include "adapters/rest/rest_adapter.h"

#include "adapters/rest/answer.h"
#include "gateway/support/bounds.h"
#include "gateway/support/clock.h"

namespace shikaku::adapters::rest {
namespace {

http::ClientRequest make_request(const std::string& path, const LookUp& lookup) {
    http::ClientRequest request{.method = http::Method::post,
                                .target = path,
                                .headers = {{"Accept", "application/json"}},
                                .content_type = "application/json",
                                .body = {},
                                .body_pieces = {},
                                .response_bytes_max = bounds::kSourceBodyBytes};
    if (!lookup.request_id.empty()) request.headers.push_back({"X-Request-ID", lookup.request_id});
    JsonWriter(request.body)
        .begin_object()
        .field("linkKey", to_base64url(lookup.link_key))
        .field("serviceDate", lookup.service_date.iso())
        .end_object();
    return request;
}

// The transport's error as one of those a source can give.
Error as_source_error(Error error) {
    switch (error.code) {
        case ErrorCode::source_timeout:
        case ErrorCode::source_refused:
        case ErrorCode::source_malformed:
            return error;
        default:
            error.code = ErrorCode::source_unavailable;
            return error;
    }
}

std::string describe(const RestConfig& config) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().field("url", config.url).field("path", config.path);
    for (const auto& [ours, theirs] : config.fields)
        json.field(ours, theirs);
    json.end_object();
    return text;
}

}  // namespace

RestAdapter::RestAdapter(std::unique_ptr<http::Client> client, const RestConfig& config,
                         FieldMap fields)
    : client_(std::move(client)),
      path_(config.path),
      fields_(std::move(fields)),
      configuration_(describe(config)) {}

Result<std::unique_ptr<RestAdapter>> RestAdapter::make(const RestConfig& config,
                                                       std::shared_ptr<http::TlsContext> tls) {
    if (!config.path.starts_with('/'))
        return fail(ErrorCode::bad_configuration, "the path does not start with '/'");
    SHIKAKU_TRY_LET(auto fields, FieldMap::make(config.fields));
    SHIKAKU_TRY_LET(auto client, http::Client::make(config.url, std::move(tls)));
    return std::unique_ptr<RestAdapter>(
        new RestAdapter(std::move(client), config, std::move(fields)));
}

asio::awaitable<Result<Records>> RestAdapter::look_up(const LookUp& lookup) {
    const Hash256 link_key = lookup.link_key;
    http::ClientRequest request = make_request(path_, lookup);
    const auto response = co_await client_->send(std::move(request), lookup.deadline);
    if (!response) co_return fail(as_source_error(response.error()));
    co_return read_answer(fields_,
                          {.status = response->status,
                           .content_type = response->header("Content-Type"),
                           .body = response->body},
                          link_key, SystemClock().now());
}

}  // namespace shikaku::adapters::rest
