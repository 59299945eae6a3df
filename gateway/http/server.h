// The server: one io_context and one acceptor (SO_REUSEPORT) a thread, a coroutine a connection, a
// connection stays on its thread. TLS when a context is given, plain otherwise (the ops port).
//
// The framing guard refuses before any body byte what Beast 1.81 lets pass: Transfer-Encoding other
// than exactly "chunked", chunked in HTTP/1.0, both or two Content-Length, none or two Host, and
// more; see framing.h. Every wait has a deadline (bounds.h). Connections and bodies are bounded in
// all and by client; accepting goes on whatever happens, and backs off when descriptors run out.
#pragma once

#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/http/handshake_pace.h"
#include "gateway/http/message.h"
#include "gateway/http/tls.h"
#include "gateway/support/bounds.h"

namespace shikaku::http {

// How long each wait on a client may take; tests shorten them.
struct ServerTimes {
    std::chrono::milliseconds handshake = bounds::kHandshakeTime;
    std::chrono::milliseconds header = bounds::kHeaderTime;  // from its first byte
    std::chrono::milliseconds body = bounds::kBodyTime;
    std::chrono::milliseconds upload = bounds::kUploadTime;
    std::chrono::milliseconds idle = bounds::kIdleTime;
    std::chrono::milliseconds write = bounds::kWriteTime;
    std::chrono::milliseconds linger = bounds::kLingerTime;
    std::chrono::milliseconds drain = bounds::kDrainTime;
};

// How many connections a server has, see connection_table.h; tests lower them.
struct ConnectionBounds {
    std::size_t total = bounds::kConnections;  // besides handshakes
    std::size_t per_certificate = bounds::kConnectionsPerCertificate;
    std::size_t per_address = bounds::kConnectionsPerAddress;
    std::size_t handshakes = bounds::kHandshakes;
    std::size_t handshakes_per_address = bounds::kHandshakesPerAddress;
    std::size_t leaving = bounds::kConnectionsLeaving;

    // In proportion where the process may not have enough descriptors for all of them, besides
    // its own and those of its connections to so many live sources, at most half of the others.
    [[nodiscard]] static ConnectionBounds within(std::size_t descriptors, std::size_t live_sources);
    [[nodiscard]] std::size_t descriptors() const { return total + handshakes + leaving; }
};

// Bytes of bodies in memory at once, see body_budget.h.
struct BodyBounds {
    std::size_t total = bounds::kBodiesBytes;
    std::size_t per_client = bounds::kBodiesBytesPerClient;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one, see port()
    int threads = 1;
    std::string name = "api";  // the label of its metrics: api or ops
    ConnectionBounds connections{};
    HandshakeRates handshakes{};
    BodyBounds bodies{};
    BodyBounds responses{.total = bounds::kResponsesBytes,
                         .per_client = bounds::kResponsesBytesPerClient};
    std::uint64_t upload_bytes_per_second = bounds::kUploadBytesPerSecond;
    std::size_t read_turn = bounds::kReadTurnBytes;  // tests lower it
    // What the end of a certificate is compared with at every request; tests move it.
    std::time_t (*now)() = [] { return std::time(nullptr); };
    ServerTimes times{};
    // Which certificates are one client's: its bounds are counted under that key. Nothing, or no
    // function: each certificate is a client. Any thread; once a connection.
    std::function<std::optional<Hash256>(const crypto::Certificate&)> client_of{};
    // Told of every client that TLS refused, and why (tls_refusal.h). Any thread; must not block.
    std::function<void(std::string who, std::string_view why)> tls_refused{};
};

class Server {
  public:
    Server(ServerOptions options, std::shared_ptr<TlsContext> tls, Service& service);
    // Stops at once: connections are cut, then the handlers still at work are waited for.
    ~Server();

    [[nodiscard]] Status start();  // binds and runs; returns when listening
    [[nodiscard]] std::uint16_t port() const;
    // For connections from now on; any thread. A connection that is open goes on if its client's
    // certificate is good under the new context too, and ends at its next request if not.
    void replace_tls(std::shared_ptr<TlsContext> tls);
    // Stops accepting, lets requests in flight end (at most times.drain), closes the idle. Returns
    // when no connection is left. Not from a handler.
    void drain();
    [[nodiscard]] std::size_t connections() const;
    // Whether every thread has come round within that time: none hangs in a handler.
    [[nodiscard]] bool turning(std::chrono::steady_clock::duration within) const;
    // Why clients cannot connect, or some cannot, in words; empty: they can. Any thread.
    [[nodiscard]] std::string trouble() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::http
