// What the log keeps of an answer about checkups, in parts as of any answer
// (gateway/docs/audit-format.md, "Details"), and the answer derived from it again.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/audit/log.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/identity/caller.h"
#include "gateway/identity/card_token.h"
#include "gateway/kinds/checkup/answer.h"

namespace shikaku::inquiry {

struct CheckupRecord {
    const identity::Caller& caller;
    std::string_view request_id;
    const identity::CardToken& token;
    domain::Priority priority;
    const checkup::Facts& facts;
    const checkup::Packs& packs;
    const checkup::Answer& answer;
    Instant answered{};
};
[[nodiscard]] audit::Detail checkup_detail(const CheckupRecord& record,
                                           const crypto::KeyRing& keys);

// Where the packs of that time come from: the registry, or the gateway over HTTP.
using CheckupPackSource = std::function<Result<std::shared_ptr<const checkup::CheckupPack>>(
    domain::AuthorityCode authority, const std::string& version)>;

struct ReplayedCheckups {
    checkup::Answer answer;  // derived again
    std::string caller, outcome, reason, texts;
    std::string answer_hash;  // of what was given (answering.h)
    [[nodiscard]] bool same_bytes() const;
    // The same bytes, or the same decision from a program with other texts.
    [[nodiscard]] bool same() const;
};
// not_found: erased, or not open to its reader; unprocessable: no answer about checkups; corrupt,
// also when one part says another caller or question than the others; those of the pack source.
[[nodiscard]] Result<ReplayedCheckups> replay_checkups(const audit::OpenedEntry& entry,
                                                       const CheckupPackSource& packs);

}  // namespace shikaku::inquiry
