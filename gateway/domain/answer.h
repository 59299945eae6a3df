// The answer as the desk reads it (docs/contract.md 3.2), rendered from a decision. Same facts,
// same bytes.
//
// content_hash covers the answer's bytes without what changes with every question: answer_id, ms,
// freshness, content_hash and evidence are left out at every level.
//
// Where a person lives never appears: no residence, no address. Where somebody holds a record of
// the person, authorities that were asked only because of the residence are not named in
// authorities[] (named_findings); one of them that failed is an entry with its status alone.
// Whether a certificate is 不開示 changes not one byte.
#pragma once

#include <string>
#include <string_view>

#include "gateway/domain/decision.h"

namespace shikaku::domain {

struct RenderedAnswer {
    std::string head;    // "{"answer_id": ... up to and excluding content_hash
    std::string hashed;  // the bytes that content_hash covers
};

// `now` fixes the ages. English and Japanese names of authorities come from authority_names.h. The
// caller completes head with `,"content_hash":"sha256:...","evidence":{...}}`.
[[nodiscard]] RenderedAnswer render_answer(const Case& facts, const Decision& decision,
                                           std::string_view answer_id, Instant now);

}  // namespace shikaku::domain
