// A Case as compact JSON for the log: with the rules in force then, an answer can be derived again
// from it years later. The log keeps the question and each finding in parts of their own; together
// they are {"q": question, "f": [findings]}. read_case(write_case(x)) == x for everything that
// bears on the answer's bytes; how long a source took is kept too.
#pragma once

#include "gateway/domain/query.h"
#include "gateway/support/json.h"
#include "gateway/support/result.h"

namespace shikaku::domain {

void write_query(JsonWriter& out, const Query& query);
void write_finding(JsonWriter& out, const Finding& finding);
void write_case(JsonWriter& out, const Case& facts);
// corrupt: not what write_case writes. The error quotes nothing.
[[nodiscard]] Result<Case> read_case(const Json& json);

}  // namespace shikaku::domain
