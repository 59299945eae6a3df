#include "tests/bench/load/requests.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace shikaku::bench {
namespace {

constexpr std::string_view kBatchPath = "/v1/eligibility/batch";
constexpr std::string_view kLines = "application/x-ndjson";

std::string with_body(std::string_view method, std::string_view path, const std::string& host,
                      std::string_view type, std::string_view more_fields,
                      const std::string& body) {
    std::string text(method);
    text.append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
    text.append("\r\nContent-Type: ").append(type);
    text.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
    return text.append(more_fields).append("\r\n").append(body);
}

std::string question(const std::string& token, std::string_view priority) {
    return R"({"card_token":")" + token + R"(","setting":"outpatient","priority":")" +
           std::string(priority) + "\"}";
}

// An object with as many members as one may have, whose names differ only at their end, so that
// each comparison of two of them is a long one.
std::string many_names() {
    constexpr int kMembers = 1'000;
    constexpr int kFirst = 10'000;  // equally long
    const std::string same(40, 'n');
    std::string object = "{";
    for (int i = 0; i < kMembers; ++i) {
        object += (i == 0 ? "\"" : ",\"") + same + std::to_string(kFirst + i) + "\":0";
    }
    return object + "}";
}

// What one body may hold at most of them.
std::string repeated(const std::string& text, std::string_view separator, std::size_t bytes_max) {
    std::string body = text;
    while (body.size() + separator.size() + text.size() <= bytes_max) {
        body.append(separator).append(text);
    }
    return body;
}

constexpr std::size_t kMiB = 1024 * 1024;

std::string names_in_a_pack(const std::string& host) {
    return with_body("PUT", "/v1/schemes", host, "application/json", "",
                     "{\"schemes\":[" + repeated(many_names(), ",", 2 * kMiB) + "]}");
}

std::string names_in_lines(const std::string& host) {
    return with_body("POST", kBatchPath, host, kLines, "",
                     repeated(many_names(), "\n", 4 * kMiB - 1));
}

std::string empty_questions(const std::string& host) {
    return with_body("POST", kBatchPath, host, kLines, "", repeated("[]", "\n", 4 * kMiB - 1));
}

struct Hostile {
    std::string_view name;
    std::string (*request)(const std::string& host);
};
constexpr std::array<Hostile, 3> kHostile{{{"names-in-a-pack", names_in_a_pack},
                                           {"names-in-lines", names_in_lines},
                                           {"empty-questions", empty_questions}}};

}  // namespace

std::vector<std::string> hostile_bodies() {
    std::vector<std::string> names;
    for (const Hostile& one : kHostile)
        names.emplace_back(one.name);
    return names;
}

Requests Requests::hostile(const std::string& host, const std::string& kind) {
    const auto* const one = std::ranges::find(kHostile, kind, &Hostile::name);
    if (one == kHostile.end()) throw std::runtime_error("no such body: " + kind);
    return {{one->request(host)}, true};
}

Requests Requests::get(const std::string& host, const std::string& path) {
    return {{"GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"}, true};
}

Requests Requests::questions(const std::string& host, const TokenPlan& plan, std::size_t count,
                             bool receipt) {
    std::vector<std::string> texts = sign_tokens(plan, count);
    for (std::string& text : texts) {
        text = with_body("POST", "/v1/eligibility", host, "application/json",
                         receipt ? "Prefer: receipt\r\n" : "", question(text, "walk_in"));
    }
    return {std::move(texts), plan.expired};
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
        texts.push_back(with_body("POST", kBatchPath, host, kLines, "", body));
    }
    return {std::move(texts), plan.forged};  // what is never accepted is never used
}

}  // namespace shikaku::bench
