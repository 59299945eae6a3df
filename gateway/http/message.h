// Requests and responses as the rest of the gateway sees them; Beast stays inside
// gateway/http/*.cc.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/crypto/certificate.h"
#include "gateway/support/result.h"

namespace shikaku::http {

namespace asio = boost::asio;

enum class Method : std::uint8_t { get, head, post, put, delete_, options, other };
[[nodiscard]] std::string_view name(Method method);

struct Header {
    std::string name;
    std::string value;
};

// The first field with that name (any case), trimmed; empty when absent.
[[nodiscard]] std::string_view find_header(const std::vector<Header>& headers,
                                           std::string_view field);

// The body of a streamed request, pulled chunk by chunk; each wait is bounded by bounds::kBodyTime.
class BodySource {
  public:
    virtual ~BodySource() = default;
    // The next bytes, empty at the end. Errors: body_too_large, malformed_request, request_timeout,
    // io_failed when the connection was lost.
    [[nodiscard]] virtual asio::awaitable<Result<std::string>> next() = 0;
};

// What a service learnt of a request's head in plan(), kept for serve() and refuse().
class Admission {
  public:
    virtual ~Admission() = default;
};

struct Request {
    Method method = Method::get;
    std::string path;              // "/v1/eligibility"; no percent-decoding is ever needed
    std::string query;             // without the '?'
    std::vector<Header> headers;   // in order, names as sent
    std::string body;              // empty when streamed
    BodySource* stream = nullptr;  // set when the service planned to stream the body
    bool refused = false;          // by the plan: the body may be missing
    std::unique_ptr<Admission> admission{};           // set by the plan; null before it
    std::shared_ptr<const crypto::Certificate> peer;  // null on plain connections

    // First field with that name (any case), trimmed; empty when absent.
    [[nodiscard]] std::string_view header(std::string_view field) const;
    // The first such parameter, percent-decoded ('+' stays '+').
    [[nodiscard]] std::optional<std::string> query_parameter(std::string_view key) const;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<Header> headers{};
    std::string body{};
    std::string_view fixed_body{};  // instead of `body`: a text that lives as long as the program
    // When set, the body is what this gives, chunked, until it gives an empty string. An error ends
    // the connection so that the client sees a truncated body, never a silently shorter one.
    std::function<asio::awaitable<Result<std::string>>()> stream{};
    bool close = false;

    [[nodiscard]] std::string_view content() const {
        return fixed_body.empty() ? body : fixed_body;
    }
};

// How the body of a request will be read, decided from its head.
struct BodyPlan {
    std::uint64_t bytes_max = 0;
    bool stream = false;
    // The answer is a refusal whatever the body says: one over bytes_max is left unread, so that
    // the caller reads why it is refused, and not that its body is too long.
    bool refused = false;
};

// Why a connection ends, before a request of it is answered.
struct Ending {
    enum class Cause : std::uint8_t { not_trusted, no_place };
    Cause cause = Cause::no_place;
    std::string_view why{};  // of not_trusted: a name of tls_refusal.h
    const crypto::Certificate* peer = nullptr;
};

// What a server serves. Called from many threads; one request of a connection at a time.
class Service {
  public:
    virtual ~Service() = default;
    // An error answers without reading the body (and closes the connection if there is one).
    [[nodiscard]] virtual Result<BodyPlan> plan(Request& head) = 0;
    // Never throws; `request` lives until the response has been written.
    [[nodiscard]] virtual asio::awaitable<Response> serve(Request& request) = 0;
    // Errors of the framing itself, e.g. malformed_request: how they look to the client. Of `head`
    // only the peer may be known.
    [[nodiscard]] virtual asio::awaitable<Response> refuse(Error error, Request& head) = 0;
    // Its client is going to be told; false: nothing may be said to it.
    [[nodiscard]] virtual asio::awaitable<bool> ends(Ending /*ending*/) { co_return true; }
};

}  // namespace shikaku::http
