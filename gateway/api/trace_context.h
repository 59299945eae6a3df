// W3C Trace Context, level 1: the header `traceparent`. What a client sends comes back in answers,
// so only what follows the grammar does; anything else starts a trace of ours (section 3.2.2.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace shikaku::api {

// "00-<32 hex>-<16 hex>-<2 hex>" in lower case, neither id all zeros. Of a version to come, what
// version 00 knows of it. Nothing: not a traceparent.
[[nodiscard]] std::optional<std::string> parse_traceparent(std::string_view text);

// What to answer with: nothing when the client sent none; its own; a new one when that is malformed
// or stands there twice.
[[nodiscard]] std::optional<std::string> traceparent_of(const http::Request& request);

}  // namespace shikaku::api
