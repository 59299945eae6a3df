#include "gateway/inquiry/answering.h"

#include "gateway/crypto/hash.h"

namespace shikaku::inquiry {

Answer derive_answer(const domain::Case& facts, const domain::RuleBook& rules,
                     std::string answer_id, Instant now) {
    const domain::Decision decision = domain::decide(facts, rules);
    domain::RenderedAnswer rendered = domain::render_answer(facts, decision, answer_id, now);
    std::vector<Decided> decided;
    decided.reserve(decision.subsidies.size());
    for (const domain::SubsidyDecision& subsidy : decision.subsidies)
        decided.push_back({.authority = subsidy.authority,
                           .scheme = std::string(domain::scheme_id(subsidy)),
                           .outcome = subsidy.outcome,
                           .reason = subsidy.reason});
    return {.answer_id = std::move(answer_id),
            .outcome = decision.outcome,
            .reason = decision.reason,
            .head = std::move(rendered.head),
            .content_hash = "sha256:" + to_hex(crypto::sha256(as_bytes(rendered.hashed))),
            .decided = std::move(decided)};
}

std::string answer_hash(std::string_view answer_id, std::string_view content_hash) {
    return to_base64(crypto::sha256({as_bytes(answer_id), as_bytes("\n"), as_bytes(content_hash)}));
}

}  // namespace shikaku::inquiry
