// What the log keeps of an answer: who, about whom, what was asked and answered
// (gateway/docs/audit-format.md, "Details"), in parts for those who may see them. A person appears
// as a keyed hash of their link key, and in the auditors' part alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/audit/log.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/domain/query.h"
#include "gateway/identity/caller.h"
#include "gateway/identity/card_token.h"
#include "gateway/inquiry/answering.h"

namespace shikaku::inquiry {

struct EligibilityRecord {
    const identity::Caller& caller;
    std::string_view request_id;
    const identity::CardToken& token;
    domain::Priority priority;
    const domain::Case& facts;
    const domain::RuleBook& rules;
    const Answer& answer;
    Instant answered{};
};

[[nodiscard]] audit::Detail eligibility_detail(const EligibilityRecord& record,
                                               const crypto::KeyRing& keys);

// Everything needed to derive a logged answer again.
struct LoggedAnswer {
    std::string answer_id{};
    Instant answered{};
    domain::Case facts;
    std::vector<std::pair<domain::AuthorityCode, std::string>> packs{};  // authority, pack version
    std::map<domain::AuthorityCode, Instant> accepted{};                 // when each pack was
    std::map<std::string, std::vector<std::string>, std::less<>> local_order{};
    std::string outcome{}, reason{};
    std::vector<std::string> authorities{};  // asked, in the order of the case
    std::string texts{};  // fingerprint of the wording (wording.h); empty: of before there was one
    std::string caller{};
    std::string content_hash{};  // version 1
    std::string answer{};        // version 2: answer_hash()
    // What the auditors' part says was decided, in no order; version 1 does not say.
    std::optional<std::vector<Decided>> decided{};
};
// not_found: erased, or not open to its reader; unprocessable: no answer; corrupt, also when one
// part says another caller or question than the others.
[[nodiscard]] Result<LoggedAnswer> read_eligibility(const audit::OpenedEntry& entry);

}  // namespace shikaku::inquiry
