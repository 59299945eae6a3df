// A request's head: from received bytes to a Request and its Framing. Beast splits the line and the
// fields; the framing guard (framing.h) looks before it at the raw bytes and after it at the facts.
// Errors are the guard's. One parser serves one connection; start() begins the next message.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/http/framing.h"
#include "gateway/http/message.h"

namespace shikaku::http {

class RequestParser {
  public:
    void start();

    // `input` is everything received since the start of the head, growing from call to call. The
    // head's length once it is whole. Header strings of `into` are reused; they, path and query own
    // their text, framing() views into `input`.
    [[nodiscard]] Result<std::optional<std::size_t>> parse(std::string_view input, Request& into);

    // Valid after parse() gave a length.
    [[nodiscard]] const Framing& framing() const { return framing_; }
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    [[nodiscard]] bool is_http_1_0() const { return version_ == 10; }

  private:
    HeadScanner scanner_;
    Framing framing_;
    bool keep_alive_ = false;
    int version_ = 11;
};

}  // namespace shikaku::http
