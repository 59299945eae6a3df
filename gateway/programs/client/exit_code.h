// What the exit code of `shikaku-desk check` says about the patient, so that a script can never
// take "don't know" for "no" or for "yes".
#pragma once

#include "gateway/support/json.h"

namespace shikaku::programs {

// 0: a subsidy may be used; 1: the answer is that none may; 2: the question was refused as wrong;
// 3: not known (outcome unknown, asked again too soon, token not accepted, gateway failing). A
// short "unchanged" answer counts by its outcome; one that carries none is 3, since whoever keeps
// the hash keeps the answer, and we do not.
[[nodiscard]] int exit_code_of(int http_status, const Json& answer);

}  // namespace shikaku::programs
