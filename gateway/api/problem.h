// Errors as clients see them: application/problem+json (RFC 9457) with code, retryable and advice
// for the desk and for IT in Japanese and English (docs/contract.md 4).
#pragma once

#include <string_view>

#include "gateway/http/message.h"
#include "gateway/support/result.h"

namespace shikaku::api {

// `instance` becomes urn:shikaku:request:<request id>. A 429 or 503 that may be asked again
// carries Retry-After. `problems`: a JSON array of all that is wrong, where one sentence does not
// hold it.
[[nodiscard]] http::Response problem(const Error& error, std::string_view request_id,
                                     std::string_view problems = {});

// The same object as one line of NDJSON, for a batch.
[[nodiscard]] std::string problem_json(const Error& error, std::string_view request_id,
                                       std::string_view problems = {});

}  // namespace shikaku::api
