// The body of POST /v1/eligibility, one line of a batch (docs/contract.md 3.1), and of
// POST /v1/checkups.
#pragma once

#include <string_view>

#include "gateway/inquiry/checkup_question.h"
#include "gateway/inquiry/question.h"
#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::api {

using inquiry::Question;

// malformed_request, invalid_field with a JSON pointer, personal_number_refused. Unknown members
// are refused: a misspelt "service_date" must not silently mean today. `usual` is the priority of a
// question that names none.
[[nodiscard]] Result<Question> parse_question(std::string_view body, Instant now,
                                              domain::Priority usual = domain::Priority::walk_in);
[[nodiscard]] Result<inquiry::CheckupQuestion> parse_checkup_question(std::string_view body,
                                                                      Instant now);

}  // namespace shikaku::api
