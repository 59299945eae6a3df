#include "gateway/api/answer_body.h"

#include "gateway/support/json.h"

namespace shikaku::api {

ProvenBody proven_body(const inquiry::Proven& proven) {
    return {.answer_id = proven.answer.answer_id,
            .head = proven.answer.head,
            .content_hash = proven.answer.content_hash,
            .index = proven.index,
            .receipt = proven.receipt};
}

std::string answer_body(const ProvenBody& proven, std::string_view log_origin,
                        std::string_view known_content_hash) {
    const bool unchanged = known_content_hash == proven.content_hash;
    std::string body;
    body.reserve((unchanged ? 0 : proven.head.size()) + proven.receipt.size() + 256);
    if (unchanged) {
        JsonWriter(body)
            .begin_object()
            .field("answer_id", proven.answer_id)
            .field("unchanged", true);
    } else {
        body = proven.head;
    }
    body += R"(,"content_hash":")";
    body += proven.content_hash;
    body += R"(","evidence":)";
    JsonWriter json(body);
    json.begin_object().field("log", log_origin).field("index", proven.index);
    if (!proven.receipt.empty()) json.field("receipt", proven.receipt);
    json.end_object();
    body += '}';
    return body;
}

}  // namespace shikaku::api
