// The pipe between an SSL object and its socket: recv and send without SIGPIPE, nothing buffered.
#pragma once

#include "gateway/http/hello_watch.h"

struct bio_st;

namespace shikaku::http {

// The descriptor stays the caller's; null when memory ran out.
// A ClientHello that announces too much (hello_watch.h) fails before OpenSSL makes room for it.
[[nodiscard]] bio_st* new_socket_bio(int descriptor);

// From now on so many reads, then it says that nothing is there: OpenSSL would go on as long as
// records without data come. Without a call: any number.
void allow_reads(bio_st* bio, int reads);
// Whether it said so, rather than the socket.
[[nodiscard]] bool held_back(bio_st* bio);
// The server has written its hello, or asked for another one of the client's.
void note_server_hello(bio_st* bio, HelloWatch::Answer answer);

}  // namespace shikaku::http
