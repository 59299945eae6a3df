// A small HTTP/1.1 client over TLS (mutual) or plain TCP, with a bounded pool of kept connections
// and TLS session resumption. Every call has a deadline; errors are source_unavailable (no
// connection), source_timeout, source_malformed (framing, size), io_failed. One object may serve
// many io_contexts.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http/host_addresses.h"
#include "gateway/http/message.h"
#include "gateway/http/tls.h"

namespace shikaku::http {

struct ClientRequest {
    Method method = Method::get;
    std::string target = "/";
    std::vector<Header> headers{};
    std::string content_type{};
    std::string body{};
    // When set, sent chunked, piece by piece until it gives an empty string; body is ignored.
    std::function<Result<std::string>()> body_pieces{};
    std::size_t response_bytes_max = 64 * 1024 * 1024;
};

struct ClientResponse {
    int status = 0;
    std::vector<Header> headers;
    std::string body;
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

class Client {
  public:
    // url: "https://host:port" or "http://host:port"; tls may be null for http.
    // Its host is looked up from now on (host_addresses.h): by the system, together with other
    // clients of that host, or by `resolve`.
    [[nodiscard]] static Result<std::unique_ptr<Client>> make(const std::string& url,
                                                              std::shared_ptr<TlsContext> tls,
                                                              Resolve resolve = {});
    ~Client();

    // Waits at most bounds::kNameFirstWait for the first look-up of the host, then fails at once.
    [[nodiscard]] asio::awaitable<Result<ClientResponse>> send(
        ClientRequest request, std::chrono::steady_clock::time_point deadline);
    // Of the last call that failed: whether a certificate was the cause.
    [[nodiscard]] TlsTrouble tls_trouble() const;
    // For command-line programs: runs an io_context of its own until the answer is there; most of
    // the time may go into looking up the host.
    [[nodiscard]] Result<ClientResponse> send_and_wait(
        ClientRequest request, std::chrono::milliseconds timeout = std::chrono::seconds(30));

  private:
    using NameWait = std::chrono::steady_clock::duration;
    [[nodiscard]] asio::awaitable<Result<ClientResponse>> send(
        ClientRequest request, std::chrono::steady_clock::time_point deadline, NameWait name_wait);

    struct Impl;
    explicit Client(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::http
