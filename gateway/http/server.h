// The server: one io_context and one acceptor (SO_REUSEPORT) a thread, a coroutine a connection, a
// connection stays on its thread. TLS when a context is given, plain otherwise (the ops port).
//
// The framing guard refuses before any body byte what Beast 1.81 lets pass: Transfer-Encoding other
// than exactly "chunked", chunked in HTTP/1.0, both or two Content-Length, none or two Host, and
// more; see framing.h. Every wait has a deadline (bounds.h). Accepting backs off when descriptors
// run out.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "gateway/http/message.h"
#include "gateway/http/tls.h"
#include "gateway/support/bounds.h"

namespace shikaku::http {

// How long each wait on a client may take; tests shorten them.
struct ServerTimes {
    std::chrono::milliseconds handshake = bounds::kHandshakeTime;
    std::chrono::milliseconds header = bounds::kHeaderTime;  // from its first byte
    std::chrono::milliseconds body = bounds::kBodyTime;
    std::chrono::milliseconds idle = bounds::kIdleTime;
    std::chrono::milliseconds write = bounds::kWriteTime;
    std::chrono::milliseconds linger = bounds::kLingerTime;
    std::chrono::milliseconds drain = bounds::kDrainTime;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one, see port()
    int threads = 1;
    std::string name = "api";  // the label of its metrics: api or ops
    std::size_t connections_max = bounds::kConnections;
    ServerTimes times{};
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

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::http
