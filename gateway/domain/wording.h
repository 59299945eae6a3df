// What an answer's sentences are made of, as a fingerprint. A logged answer that comes out in other
// bytes years later says the same thing in other words when the fingerprints differ; when they are
// equal, something else has changed it.
#pragma once

#include <string_view>

namespace shikaku::domain {

// 8 hex digits: the first of a SHA-256 over the program's version and every file of gateway/domain,
// which an answer's bytes come from. Made when the program is built (wording.cmake).
[[nodiscard]] std::string_view wording();

}  // namespace shikaku::domain
