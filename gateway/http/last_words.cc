#include "gateway/http/last_words.h"

#include <string>

#include "gateway/support/error_code.h"

namespace shikaku::http {
namespace {

struct Words {
    ErrorCode code;
    std::string_view status_line;
    std::string_view retry;  // a header field, or none
    std::string_view detail;
    std::string_view ja;
    std::string_view en;
};

std::string answer(const Words& words) {
    const ErrorInfo& facts = info(words.code);
    const std::string name(facts.name);
    std::string body = R"({"type":"urn:shikaku:problem:)" + name;
    body.append(R"(","title":")").append(facts.title);
    body.append(R"(","status":)").append(std::to_string(facts.http_status));
    body.append(R"(,"detail":")").append(words.detail);
    body.append(R"(","code":")").append(name);
    body.append(R"(","retryable":)").append(facts.retryable ? "true" : "false");
    body.append(R"(,"advice":{"ja":")").append(words.ja);
    body.append(R"(","en":")").append(words.en).append(R"("}})");
    std::string out = "HTTP/1.1 " + std::string(words.status_line) + "\r\n";
    out.append(words.retry).append("Cache-Control: no-store\r\n");
    out.append("Content-Type: application/problem+json\r\nContent-Length: ");
    out.append(std::to_string(body.size())).append("\r\nConnection: close\r\n\r\n");
    return out.append(body);
}

}  // namespace

std::string_view closed_for_another() {
    static const std::string text =
        answer({.code = ErrorCode::overloaded,
                .status_line = "503 Service Unavailable",
                .retry = "Retry-After: 5\r\n",
                .detail = "this client has the most connections, and others needed the place",
                .ja = "接続が多すぎるため、この接続を終了しました。接続数を減らしてください。",
                .en = "This connection was closed for others. Use fewer connections."});
    return text;
}

std::string_view no_room() {
    static const std::string text =
        answer({.code = ErrorCode::overloaded,
                .status_line = "503 Service Unavailable",
                .retry = "Retry-After: 5\r\n",
                .detail = "a bound on connections, or on new ones a second, was reached",
                .ja = "接続数、または毎秒の新規接続数の上限に達しています。接続を維持して減らすか、"
                      "しばらくして"
                      "から再接続してください。",
                .en = "Too many connections, or new ones a second. Keep a few open, or connect "
                      "again later."});
    return text;
}

std::string_view no_longer_trusted() {
    static const std::string text = answer(
        {.code = ErrorCode::client_certificate_required,
         .status_line = "401 Unauthorized",
         .retry = "",
         .detail = "the client certificate, its chain or a revocation list no longer holds",
         .ja = "証明書または失効リストが有効でなくなりました。証明書を確認し、再接続してください。",
         .en = "The certificate or a revocation list no longer holds. Check it, then reconnect."});
    return text;
}

}  // namespace shikaku::http
