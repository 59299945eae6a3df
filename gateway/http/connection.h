// One client's connection from the handshake to the close, on one thread.
//
// Before its first byte it is a socket with a deadline, without anything of TLS.
//
// Between requests it is no coroutine and holds no buffers: only a handler that waits for the next
// byte owns it, in memory of its own. A coroutine begins with that byte and ends when nothing more
// is at hand. Idle connections are the many; they must be small.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "gateway/http/exchange.h"
#include "gateway/http/peer_trust.h"

namespace shikaku::http {

class Connection {
  public:
    using Ptr = std::unique_ptr<Connection>;

    Connection(ThreadState& thread, ConnectionCount::Seat seat, TlsStream stream, Network network);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Lives until the client, a deadline, the server or a greater need for its place ends it.
    static void begin(Ptr self);

  private:
    template <class T>
    class HandlerAllocator;
    class NextByte;

    [[nodiscard]] static asio::awaitable<void> greet(Ptr self);
    static void await_hello(Ptr self);
    static void await_request(Ptr self);
    static void await_byte(Ptr self);
    [[nodiscard]] static asio::awaitable<void> serve(Ptr self);

    [[nodiscard]] bool begin_tls();
    [[nodiscard]] asio::awaitable<bool> handshake();
    [[nodiscard]] bool know_peer();
    [[nodiscard]] asio::awaitable<After> serve_what_is_there();
    [[nodiscard]] asio::awaitable<void> linger();
    [[nodiscard]] ClientKey client_key() const;
    [[nodiscard]] asio::awaitable<void> turn_away();
    [[nodiscard]] asio::awaitable<bool> end_instead();
    void count_bug(const char* what);

    ThreadState& thread_;
    ConnectionCount::Seat seat_;
    Link link_;
    Place place_;
    PeerTrust trust_;
    bool greeted_ = false;  // may send requests
    bool handler_memory_used_ = false;
    std::shared_ptr<const crypto::Certificate> peer_;
    alignas(std::max_align_t) std::array<std::byte, 96> handler_memory_;
};

}  // namespace shikaku::http
