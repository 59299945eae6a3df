#include "gateway/api/answering.h"

#include "gateway/crypto/hash.h"
#include "gateway/domain/explain.h"
#include "gateway/support/json.h"

namespace shikaku::api {

Answer derive_answer(const domain::Case& facts, const domain::RuleBook& rules,
                     std::string answer_id, Instant now) {
    const domain::Decision decision = domain::decide(facts, rules);
    domain::RenderedAnswer rendered = domain::render_answer(facts, decision, answer_id, now);
    return {.answer_id = std::move(answer_id),
            .outcome = decision.outcome,
            .reason = decision.reason,
            .head = std::move(rendered.head),
            .content_hash = "sha256:" + to_hex(crypto::sha256(as_bytes(rendered.hashed))),
            .not_disclosed = domain::is_not_disclosed(facts)};
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
