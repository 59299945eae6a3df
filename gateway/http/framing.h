// The framing guard: what must hold of a request's head before a single body byte is read, so that
// no two readers of the same bytes can disagree where a request ends (request smuggling).
//
// Stricter than RFC 9112 where the RFC is lenient, because the parser beneath lets pass what it
// should not: transfer codings other than chunked, chunked in HTTP/1.0, none or two Host fields,
// equal Content-Length twice, folded lines. Pure functions; errors are malformed_request,
// headers_too_large, version_not_supported, method_not_allowed and expectation_failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku::http {

// Looks for the end of a head in bytes that arrive in pieces, each byte looked at once. Refuses at
// once line ends other than CRLF, control characters, folded lines, an empty first line, and a head
// that is longer than bounds::kHeaderBytes.
class HeadScanner {
  public:
    // `input` is everything received since the start of the head, growing from call to call. The
    // length of the head with its empty line, or nothing as long as that is not there.
    [[nodiscard]] Result<std::optional<std::size_t>> scan(std::string_view input);

  private:
    std::size_t next_ = 0;
    std::size_t line_start_ = 0;
};

// What the guard looks at; views into the received bytes. Repeated fields: the last value.
struct HeadFacts {
    std::string_view method{};
    std::string_view target{};
    int version = 11;  // or 10
    int hosts = 0;
    std::string_view host{};
    int content_lengths = 0;
    std::string_view content_length{};
    int transfer_encodings = 0;
    std::string_view transfer_encoding{};
    int expects = 0;
    std::string_view expect{};
    bool disguised = false;  // a field for which disguises_framing() holds
};

struct Framing {
    bool chunked = false;
    std::uint64_t content_length = 0;
    bool expects_continue = false;
    std::string_view path;   // begins with '/', or is "*"
    std::string_view query;  // without the '?'

    [[nodiscard]] bool has_body() const { return chunked || content_length > 0; }
};

[[nodiscard]] Result<Framing> check_framing(const HeadFacts& head);

// Whether a field's name is not, but becomes that of a field that decides how a message is read
// once '_' and runs of '-' are made one '-', as gateways (CGI, WSGI and their kin) do:
// "Content_Length", "Transfer--Encoding". Another reader of the same bytes could take it for the
// real one.
[[nodiscard]] bool disguises_framing(std::string_view name);

// True when a request line has three parts, the last a well-formed HTTP version, whichever.
[[nodiscard]] bool names_a_version(std::string_view request_line);

// The number in a Content-Length: digits only, at most 18 of them.
[[nodiscard]] std::optional<std::uint64_t> parse_content_length(std::string_view value);

}  // namespace shikaku::http
