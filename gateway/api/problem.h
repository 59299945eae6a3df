// Errors as clients see them: application/problem+json (RFC 9457) with code, retryable and advice
// for the desk and for IT in Japanese and English (contract 4).
#pragma once

#include <string_view>

#include "gateway/http/message.h"
#include "gateway/support/result.h"

namespace shikaku::api {

// `instance` becomes urn:shikaku:request:<request id>. A 503 carries Retry-After.
[[nodiscard]] http::Response problem(const Error& error, std::string_view request_id);

// The same object as one line of NDJSON, for a batch.
[[nodiscard]] std::string problem_json(const Error& error, std::string_view request_id);

}  // namespace shikaku::api
