#include "gateway/programs/client/no_answer.h"

#include <algorithm>

#include "gateway/support/text.h"

namespace shikaku::programs {
namespace {

std::string_view media_type(const http::ClientResponse& response) {
    const std::string_view whole = response.header("Content-Type");
    return trim(whole.substr(0, whole.find(';')));
}

// What a stranger sent is shown only where it can be nothing else.
bool is_harmless(std::string_view type) {
    return !type.empty() && type.size() <= 40 && std::ranges::all_of(type, [](char c) {
        return (c >= 'a' && c <= 'z') || c == '/' || c == '+' || c == '-';
    });
}

std::string_view cause(ErrorCode code, http::TlsTrouble trouble) {
    if (trouble == http::TlsTrouble::server_certificate) return "gateway_not_trusted";
    if (trouble == http::TlsTrouble::own_certificate) return "certificate_refused";
    if (code == ErrorCode::source_timeout) return "gateway_silent";
    if (code == ErrorCode::source_malformed) return "answer_unreadable";
    return "gateway_unreachable";
}

}  // namespace

NoAnswer no_answer(const Error& error, http::TlsTrouble trouble) {
    return {.text = cause(error.code, trouble), .detail = error.detail};
}

std::optional<Json> gateways_answer(const http::ClientResponse& response) {
    const bool answered = response.status == 200;
    if (!is_media_type(response, answered ? "application/json" : "application/problem+json"))
        return std::nullopt;
    auto json = parse_json(response.body);
    if (!json || !json->is_object()) return std::nullopt;
    const auto sign = json->find(answered ? "answer_id" : "code");
    if (sign == json->end() || !sign->is_string()) return std::nullopt;
    return std::move(*json);
}

NoAnswer not_the_gateways(const http::ClientResponse& response) {
    std::string detail = "HTTP " + std::to_string(response.status);
    if (const std::string_view type = media_type(response); is_harmless(type))
        detail.append(", ").append(type);
    return {.text = "answer_unreadable", .detail = std::move(detail)};
}

bool is_media_type(const http::ClientResponse& response, std::string_view wanted) {
    return iequals(media_type(response), wanted);
}

}  // namespace shikaku::programs
