#include "tests/bench/load/requests.h"

namespace shikaku::bench {
namespace {

std::string post(const std::string& host, const std::string& path, const std::string& type,
                 const std::string& more_fields, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more_fields + "\r\n" +
           body;
}

std::string question(const std::string& token, std::string_view priority) {
    return R"({"card_token":")" + token + R"(","setting":"outpatient","priority":")" +
           std::string(priority) + "\"}";
}

}  // namespace

Requests Requests::get(const std::string& host, const std::string& path) {
    return {{"GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"}, true};
}

Requests Requests::questions(const std::string& host, const TokenPlan& plan, std::size_t count,
                             bool receipt) {
    std::vector<std::string> texts = sign_tokens(plan, count);
    for (std::string& text : texts) {
        text = post(host, "/v1/eligibility", "application/json",
                    receipt ? "Prefer: receipt\r\n" : "", question(text, "walk_in"));
    }
    return {std::move(texts), false};
}

Requests Requests::batches(const std::string& host, const TokenPlan& plan, std::size_t count,
                           std::size_t in_each) {
    const std::vector<std::string> tokens = sign_tokens(plan, count * in_each);
    std::vector<std::string> texts;
    texts.reserve(count);
    for (std::size_t first = 0; first < tokens.size(); first += in_each) {
        std::string body;
        for (std::size_t i = first; i < first + in_each; ++i) {
            body += question(tokens[i], "bulk") + "\n";
        }
        texts.push_back(post(host, "/v1/eligibility/batch", "application/x-ndjson", "", body));
    }
    return {std::move(texts), false};
}

}  // namespace shikaku::bench
