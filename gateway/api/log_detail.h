// The details of log entries that the API writes: who, about whom, what was asked and answered
// (gateway/docs/audit-format.md, "Details"). A person appears as a keyed hash of their link key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/answering.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/domain/query.h"
#include "gateway/identity/caller.h"
#include "gateway/identity/card_token.h"

namespace shikaku::api {

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

[[nodiscard]] std::string eligibility_detail(const EligibilityRecord& record,
                                             const crypto::KeyRing& keys);

// Everything needed to derive a logged answer again.
struct LoggedAnswer {
    std::string answer_id;
    Instant answered{};
    domain::Case facts;
    std::vector<std::pair<domain::AuthorityCode, std::string>> packs;  // authority, pack version
    std::map<domain::AuthorityCode, Instant> accepted;                 // when each pack was
    std::map<std::string, std::vector<std::string>, std::less<>> local_order;
    std::string outcome, reason;
    std::vector<std::string> authorities;  // asked, in the order of the case
    std::string content_hash;
    std::string texts;  // fingerprint of the wording (wording.h); empty: of before there was one
    std::string caller;
};
[[nodiscard]] Result<LoggedAnswer> read_eligibility_detail(std::string_view detail);

// `caller` is a label, or "certificate:<sha256>" when it has no role.
[[nodiscard]] std::string denial_detail(std::string_view caller, std::string_view request_id,
                                        std::string_view route, const Error& error);

// An auditor opened one entry.
[[nodiscard]] std::string opened_detail(std::string_view caller, std::string_view request_id,
                                        std::uint64_t index);

// start and stop: what program and which configuration.
[[nodiscard]] std::string lifecycle_detail(std::string_view event, std::string_view version);

}  // namespace shikaku::api
