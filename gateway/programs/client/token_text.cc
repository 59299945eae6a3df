#include "gateway/programs/client/token_text.h"

#include <algorithm>

namespace shikaku::programs {
namespace {

constexpr std::size_t kShortest = 40;  // of a part worth hiding; no file of ours has such a name

bool in_token(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

// Three parts of base64url; or one of them, as JSON begins ('{"' is "eyJ", '{' and a blank "eyA").
bool is_token(std::string_view run) {
    if (run.size() < kShortest) return false;
    return std::ranges::count(run, '.') == 2 || run.find("eyJ") != std::string_view::npos ||
           run.starts_with("eyA");
}

}  // namespace

std::string without_tokens(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::ranges::find_if_not(text, in_token);
        const std::string_view run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        out.append(is_token(run) ? "(card token)" : run);
        text.remove_prefix(run.size());
        if (text.empty()) break;
        out += text.front();
        text.remove_prefix(1);
    }
    return out;
}

bool looks_like_token(std::string_view text) {
    return std::ranges::all_of(text, in_token) && is_token(text);
}

}  // namespace shikaku::programs
