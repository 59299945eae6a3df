// The answer of a municipal REST system as records, or as the error it amounts to. Pure.
//
// What counts as what:
//   200                         the records; none: the authority knows no subsidy of this person
//   404 with the same body      the same, for systems that say it that way; any other 404 (a wrong
//                               path, a proxy) is no statement about the person: source_malformed
//   409, or "ambiguous": true   several people match
//   401, 403                    source_refused
//   408, 425, 429, 5xx          source_unavailable
// Everything else is source_malformed: another content type, broken JSON, wrong types, a missing or
// other person's link key, two records with one history key, too many records, a time ahead of
// ours, a number of the form of a 個人番号 anywhere. One bad record spoils the answer: a list with
// a gap could turn into a wrong "no". Errors name the place and quote nothing.
#pragma once

#include <string_view>

#include "adapters/adapter.h"
#include "adapters/rest/field_map.h"

namespace shikaku::adapters::rest {

struct RawAnswer {
    int status = 0;
    std::string_view content_type;
    std::string_view body;
};

[[nodiscard]] Result<Records> read_answer(const FieldMap& fields, const RawAnswer& raw,
                                          const Hash256& link_key, Instant now);

}  // namespace shikaku::adapters::rest
