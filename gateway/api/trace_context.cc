#include "gateway/api/trace_context.h"

#include <algorithm>
#include <array>

#include "gateway/crypto/hash.h"
#include "gateway/support/text.h"

namespace shikaku::api {
namespace {

constexpr std::string_view kVersion = "00";
constexpr std::size_t kBytes = 55;

bool is_hex(std::string_view text, std::size_t size) {
    return text.size() == size && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool is_id(std::string_view text, std::size_t size) {
    return is_hex(text, size) && text.find_first_not_of('0') != std::string_view::npos;
}

std::string make_traceparent() {
    std::array<std::uint8_t, 24> random{};
    crypto::random_bytes(random);
    random.front() |= 1U;  // never all zeros
    random.back() |= 1U;
    const std::string hex = to_hex(random);
    return "00-" + hex.substr(0, 32) + "-" + hex.substr(32) + "-00";
}

}  // namespace

std::optional<std::string> parse_traceparent(std::string_view text) {
    if (text.size() < kBytes || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return std::nullopt;
    const std::string_view version = text.substr(0, 2);
    if (!is_hex(version, 2) || version == "ff") return std::nullopt;
    if (!is_id(text.substr(3, 32), 32) || !is_id(text.substr(36, 16), 16) ||
        !is_hex(text.substr(53, 2), 2))
        return std::nullopt;
    if (text.size() > kBytes && (version == kVersion || text[kBytes] != '-')) return std::nullopt;
    return std::string(kVersion).append(text.substr(2, kBytes - 2));
}

std::optional<std::string> traceparent_of(const http::Request& request) {
    const auto is_one = [](const http::Header& header) {
        return iequals(header.name, "traceparent");
    };
    const auto sent = std::ranges::count_if(request.headers, is_one);
    if (sent == 0) return std::nullopt;
    auto given = parse_traceparent(request.header("traceparent"));
    return sent == 1 && given ? std::move(given) : make_traceparent();
}

}  // namespace shikaku::api
