// Body bytes from wire bytes: counted (Content-Length) or chunked (RFC 9112 section 7.1), in pieces
// of any size, for requests and responses.
//
// Strict about chunks: hexadecimal sizes of at most 16 digits, CRLF only, no blanks around sizes,
// no control characters in extensions and trailers, which are ignored. What is not data is bounded
// over the message: extensions and trailers by themselves, sizes and line ends by the data so far.
// Beast's own chunk reader is not used: it wants a whole trailer section in one buffer and asserts
// on one that arrives byte by byte. Errors: malformed_request, body_too_large (before a chunk's
// first byte).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku::http {

class BodyDecoder {
  public:
    BodyDecoder() = default;  // no body: done at once
    [[nodiscard]] static BodyDecoder counted(std::uint64_t length);
    [[nodiscard]] static BodyDecoder chunked(std::uint64_t bytes_max);

    // Takes bytes from the front of `in` and appends what they say to `out`, up to the end of the
    // body. Gives how many it took: all of them unless done().
    [[nodiscard]] Result<std::size_t> decode(std::string_view in, std::string& out);
    [[nodiscard]] bool done() const { return state_ == State::done; }

  private:
    enum class State : std::uint8_t {
        done,
        data,  // of a counted body
        size,  // of a chunk
        extension,
        size_lf,
        chunk_data,
        data_cr,
        data_lf,
        trailer_start,
        trailer_name,
        trailer_value,
        trailer_lf,
        last_lf,
    };

    [[nodiscard]] Status step(char c);
    [[nodiscard]] Status chunk_step(char c);
    [[nodiscard]] Status size_digit(char c);
    [[nodiscard]] Status begin_chunk();
    [[nodiscard]] Status trailer(char c);

    State state_ = State::done;
    int digits_ = 0;
    std::uint64_t remaining_ = 0;  // of the counted body or of the chunk
    std::uint64_t bytes_left_ = 0;
    std::size_t overhead_ = 0;   // bytes of extensions and trailers so far
    std::uint64_t framing_ = 0;  // of sizes and line ends
    std::uint64_t framing_allowed_ = 0;
};

}  // namespace shikaku::http
