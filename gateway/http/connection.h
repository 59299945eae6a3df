// One client's connection from the handshake to the close, on one thread.
//
// Between requests it is no coroutine and holds no buffers: only a handler that waits for the next
// byte owns it, in memory of its own. A coroutine begins with that byte and ends when nothing more
// is at hand. Idle connections are the many; they must be small.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "gateway/http/exchange.h"

namespace shikaku::http {

class Connection {
  public:
    using Ptr = std::unique_ptr<Connection>;

    Connection(ThreadState& thread, TlsStream stream, unsigned tls_generation);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Lives until the client, a deadline or the server ends it.
    static void begin(Ptr self);

  private:
    template <class T>
    class HandlerAllocator;
    class NextByte;

    [[nodiscard]] static asio::awaitable<void> greet(Ptr self);
    static void await_request(Ptr self);
    [[nodiscard]] static asio::awaitable<void> serve(Ptr self);

    [[nodiscard]] asio::awaitable<bool> handshake();
    [[nodiscard]] asio::awaitable<After> serve_what_is_there();
    [[nodiscard]] asio::awaitable<void> linger();
    [[nodiscard]] bool still_trusted();
    void count_bug(const char* what);

    ThreadState& thread_;
    Link link_;
    unsigned tls_generation_;
    bool handler_memory_used_ = false;
    std::shared_ptr<const crypto::Certificate> peer_;
    alignas(std::max_align_t) std::array<std::byte, 96> handler_memory_;
};

}  // namespace shikaku::http
