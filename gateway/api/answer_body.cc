#include "gateway/api/answer_body.h"

#include "gateway/support/json.h"

namespace shikaku::api {

std::string answer_body(const inquiry::Proven& proven, std::string_view log_origin,
                        std::string_view known_content_hash) {
    const inquiry::Answer& answer = proven.answer;
    const bool unchanged = known_content_hash == answer.content_hash;
    std::string body;
    body.reserve((unchanged ? 0 : answer.head.size()) + proven.receipt.size() + 256);
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
    json.begin_object().field("log", log_origin).field("index", proven.index);
    if (!proven.receipt.empty()) json.field("receipt", proven.receipt);
    json.end_object();
    body += '}';
    return body;
}

}  // namespace shikaku::api
