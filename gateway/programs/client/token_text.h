// Card tokens in texts for people: a token says who the patient is, and opens the answer. It is
// taken out of whatever is printed, wherever it came from: also when it was given where a file or
// an option belongs.
#pragma once

#include <string>
#include <string_view>

namespace shikaku::programs {

[[nodiscard]] bool looks_like_token(std::string_view text);
// The same text with "(card token)" for each.
[[nodiscard]] std::string without_tokens(std::string_view text);

}  // namespace shikaku::programs
