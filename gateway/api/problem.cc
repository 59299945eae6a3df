#include "gateway/api/problem.h"

#include <fmt/format.h>

#include "gateway/domain/texts.h"
#include "gateway/support/json.h"

namespace shikaku::api {

std::string problem_json(const Error& error, std::string_view request_id,
                         std::string_view problems) {
    const ErrorInfo& facts = info(error.code);
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("type", fmt::format("urn:shikaku:problem:{}", facts.name))
        .field("title", facts.title)
        .field("status", facts.http_status)
        .field("detail", error.detail.empty() ? facts.title : std::string_view(error.detail))
        .field("instance", fmt::format("urn:shikaku:request:{}", request_id))
        .field("code", facts.name)
        .field("retryable", facts.retryable);
    if (!error.pointer.empty()) json.field("pointer", error.pointer);
    json.key("advice").raw(domain::advice_json(facts.name));
    if (!problems.empty()) json.key("problems").raw(problems);
    json.end_object();
    return out;
}

http::Response problem(const Error& error, std::string_view request_id, std::string_view problems) {
    http::Response response;
    response.status = info(error.code).http_status;
    response.content_type = "application/problem+json";
    response.body = problem_json(error, request_id, problems);
    const bool again = info(error.code).retryable;
    if (response.status == 429 || (response.status == 503 && again)) {
        // Space is not freed within a second.
        const int usual = error.code == ErrorCode::storage_full ? 300 : 1;
        const int wait = error.retry_after_s > 0 ? error.retry_after_s : usual;
        response.headers.push_back({"Retry-After", std::to_string(wait)});
    }
    return response;
}

}  // namespace shikaku::api
