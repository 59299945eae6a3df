// The body of POST /v1/eligibility/batch, taken apart (contract 3.4).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/question.h"
#include "gateway/http/message.h"

namespace shikaku::api {

// One JSON text a question. Blank lines of an NDJSON body are no questions. malformed_request,
// invalid_field, unsupported_media_type; body_too_large: more than bounds::kBatchQuestions.
[[nodiscard]] Result<std::vector<std::string>> split_questions(const http::Request& request);

// As parse_question; priority is scheduled unless it says bulk, and nothing else (invalid_field):
// a batch does not go before patients who stand at a desk.
[[nodiscard]] Result<Question> parse_batch_question(std::string_view text, Instant now);

}  // namespace shikaku::api
