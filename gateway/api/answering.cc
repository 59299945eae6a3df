#include "gateway/api/answering.h"

#include "gateway/crypto/hash.h"
#include "gateway/support/json.h"

namespace shikaku::api {
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

std::string complete_answer(const Answer& answer, const Evidence& evidence,
                            std::string_view known_content_hash) {
    const bool unchanged = known_content_hash == answer.content_hash;
    std::string body;
    body.reserve((unchanged ? 0 : answer.head.size()) + evidence.receipt.size() + 256);
    if (unchanged) {
        JsonWriter(body)
            .begin_object()
            .field("answer_id", answer.answer_id)
            .field("unchanged", true);
    } else {
        body = answer.head;
    }
    body += R"(,"content_hash":")";
    body += answer.content_hash;
    body += R"(","evidence":)";
    JsonWriter json(body);
    json.begin_object().field("log", evidence.log_origin).field("index", evidence.index);
    if (!evidence.receipt.empty()) json.field("receipt", evidence.receipt);
    json.end_object();
    body += '}';
    return body;
}

}  // namespace shikaku::api
