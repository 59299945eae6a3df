// The pipe between an SSL object and its socket: recv and send without SIGPIPE, nothing buffered.
#pragma once

struct bio_st;

namespace shikaku::http {

// The descriptor stays the caller's; null when memory ran out.
[[nodiscard]] bio_st* new_socket_bio(int descriptor);

}  // namespace shikaku::http
