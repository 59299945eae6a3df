// Responses as bytes: status line, fields with the defaults every answer carries, chunk framing.
// Pure but for the Date field, which is made once a second and thread.
#pragma once

#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace shikaku::http {

struct ResponseShape {
    bool close = false;         // say so
    bool http_1_0 = false;      // keep-alive must be said; no chunks
    bool head_request = false;  // no body
};

// Whether a body follows the head. Never after HEAD, 1xx, 204, 304.
[[nodiscard]] bool carries_body(const Response& response, const ResponseShape& shape);

// Appends the head with its empty line. A field that would break the framing (control characters,
// a name that is no token, Content-Length, Transfer-Encoding, Connection) is left out; true when
// none was.
bool write_head(const Response& response, const ResponseShape& shape, std::string& out);

// Appends one chunk. An empty piece would end the body: use write_last_chunk() for that.
void write_chunk(std::string_view piece, std::string& out);
void write_last_chunk(std::string& out);

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace shikaku::http
