// What a request says about media types and preferences.
#pragma once

#include <string_view>

#include "gateway/http/message.h"

namespace shikaku::api {

// Compares the Content-Type without its parameters.
[[nodiscard]] bool has_content_type(const http::Request& request, std::string_view wanted);
// Parameter of the Content-Type, e.g. charset; empty when absent.
[[nodiscard]] std::string_view content_type_parameter(const http::Request& request,
                                                      std::string_view name);
// A Content-Encoding other than identity, in any of its fields.
[[nodiscard]] bool is_encoded(const http::Request& request);
// "Prefer: receipt" (RFC 7240).
[[nodiscard]] bool wants_receipt(const http::Request& request);

}  // namespace shikaku::api
