// From facts to the bytes of an answer about checkups. Pure: the same facts and packs give the same
// bytes, now, for a repeated card token, and when an auditor derives a logged answer again.
//
// content_hash covers the answer without answer_id and freshness, as for subsidies
// (domain/answer.h). Where the person lives never appears: where somebody holds a record, those who
// hold none are not named in authorities[]; one of them that failed is an entry with its status
// alone.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "gateway/kinds/checkup/checkup_pack.h"
#include "gateway/kinds/checkup/facts.h"
#include "gateway/kinds/checkup/reasons.h"

namespace shikaku::checkup {

using Packs = std::map<domain::AuthorityCode, std::shared_ptr<const CheckupPack>>;

// Something found is shown whatever failed beside it; "none" needs the authority of residence, and
// everybody asked, to have answered.
[[nodiscard]] Reason decide(const Facts& facts);

struct Answer {
    std::string answer_id;
    Reason reason = Reason::NOT_CONNECTED;
    std::string head;          // JSON up to and excluding content_hash
    std::string content_hash;  // "sha256:<hex>"
};
[[nodiscard]] Answer derive_answer(const Facts& facts, const Packs& packs, std::string answer_id,
                                   Instant now);

// Tells the wording of one program version from another's: texts, and how they are put together.
[[nodiscard]] std::string_view wording();

}  // namespace shikaku::checkup
