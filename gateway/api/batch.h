// The body of POST /v1/eligibility/batch, taken apart (docs/contract.md 3.4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/question_body.h"
#include "gateway/http/message.h"

namespace shikaku::api {

// One question of a batch: its JSON text; body_too_large: it is longer than a question by itself
// may be, and is not kept.
using BatchLine = Result<std::string>;

// Blank lines of an NDJSON body are no questions. malformed_request, invalid_field,
// unsupported_media_type; body_too_large: more than bounds::kBatchQuestions.
[[nodiscard]] Result<std::vector<BatchLine>> split_questions(const http::Request& request);

// What a batch costs that cannot be split, or asks more than is left: as much as single questions
// of its length in bytes.
[[nodiscard]] std::int64_t cost_of_splitting(const http::Request& request);

// Where a line waits before it is read. A guess that is wrong harms nobody: which of the two it is
// is the sender's choice.
[[nodiscard]] domain::Priority likely_priority(std::string_view text);

// As parse_question; priority is scheduled unless it says bulk, and nothing else (invalid_field):
// a batch does not go before patients who stand at a desk.
[[nodiscard]] Result<Question> parse_batch_question(std::string_view text, Instant now);

}  // namespace shikaku::api
