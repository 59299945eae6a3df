// From facts to the bytes of an answer: decide, render, hash. The same function answers a desk,
// answers a repeated token from the log, and derives a logged answer again years later.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/answer.h"
#include "gateway/domain/decide.h"
#include "gateway/domain/rule_book.h"
#include "gateway/support/clock.h"

namespace shikaku::inquiry {

// What was decided on one certificate of one authority.
struct Decided {
    domain::AuthorityCode authority;
    std::string scheme;
    domain::Outcome outcome = domain::Outcome::unknown;
    domain::Reason reason = domain::Reason::NO_RECORD;
    bool operator==(const Decided&) const = default;
};

struct Answer {
    std::string answer_id;
    domain::Outcome outcome = domain::Outcome::unknown;
    domain::Reason reason = domain::Reason::NOT_CONNECTED;
    std::string head;              // JSON up to and excluding content_hash
    std::string content_hash;      // "sha256:<hex>"
    std::vector<Decided> decided;  // in the order of the answer
};

[[nodiscard]] Answer derive_answer(const domain::Case& facts, const domain::RuleBook& rules,
                                   std::string answer_id, Instant now);

// What the log and a receipt say was answered: the SHA-256 of answer_id, a newline, content_hash,
// in base64. Two clinics that were told the same hold the same content_hash; this they do not.
[[nodiscard]] std::string answer_hash(std::string_view answer_id, std::string_view content_hash);

}  // namespace shikaku::inquiry
