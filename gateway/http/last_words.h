// Whole answers for a connection that must end and has no request to answer: why, as
// problem+json in both languages. They cost no handler, no budget and no memory.
#pragma once

#include <string_view>

namespace shikaku::http {

// 503: other clients need its place.
[[nodiscard]] std::string_view closed_for_another();
// 503: over a bound on connections.
[[nodiscard]] std::string_view no_room();
// 401: its certificate, the chain or a revocation list no longer holds.
[[nodiscard]] std::string_view no_longer_trusted();

}  // namespace shikaku::http
