// A response as a client reads it, in pieces of any size. As strict about framing as the server's
// guard: a response whose end could be read in two ways is source_malformed, and so is one larger
// than its bounds. Interim (1xx) responses are skipped.
#pragma once

#include "gateway/http/body_decoder.h"
#include "gateway/http/client.h"
#include "gateway/http/framing.h"
#include "gateway/http/input_buffer.h"

namespace shikaku::http {

class ResponseParser {
  public:
    ResponseParser(bool head_request, std::size_t body_bytes_max)
        : head_request_(head_request), body_bytes_max_(body_bytes_max) {}

    // Takes what it understands out of `input`; true when the response is complete.
    [[nodiscard]] Result<bool> take(InputBuffer& input);
    // The connection ended. announced: in order, over TLS with a close_notify.
    [[nodiscard]] Status end_of_stream(bool announced);

    [[nodiscard]] ClientResponse& response() { return response_; }
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }

  private:
    enum class State : std::uint8_t { head, body, until_end, complete };

    [[nodiscard]] Result<bool> take_head(InputBuffer& input);
    [[nodiscard]] Status decide_body(const HeadFacts& facts);
    [[nodiscard]] Status take_body(InputBuffer& input);

    bool head_request_;
    std::size_t body_bytes_max_;
    State state_ = State::head;
    HeadScanner scanner_;
    BodyDecoder body_;
    ClientResponse response_;
    bool keep_alive_ = false;
    int interim_ = 0;
};

}  // namespace shikaku::http
