#include "gateway/http/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <typeinfo>

#include "gateway/support/log.h"

namespace shikaku::http {

// Gives the one waiting handler of a connection the memory inside it.
template <class T>
class Connection::HandlerAllocator {
  public:
    using value_type = T;

    explicit HandlerAllocator(Connection& connection) : connection_(&connection) {}
    template <class U>
    explicit HandlerAllocator(const HandlerAllocator<U>& other) : connection_(other.connection_) {}

    T* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(T);
        if (connection_->handler_memory_used_ || bytes > connection_->handler_memory_.size())
            return static_cast<T*>(::operator new(bytes));
        connection_->handler_memory_used_ = true;
        return reinterpret_cast<T*>(connection_->handler_memory_.data());
    }
    void deallocate(T* memory, std::size_t) {
        if (static_cast<void*>(memory) != connection_->handler_memory_.data()) {
            ::operator delete(memory);
        } else {
            connection_->handler_memory_used_ = false;
        }
    }
    bool operator==(const HandlerAllocator&) const = default;

  private:
    template <class U>
    friend class HandlerAllocator;
    Connection* connection_;
};

// Owns a connection that waits for the first byte of a request.
class Connection::NextByte {
  public:
    using allocator_type = HandlerAllocator<void>;

    explicit NextByte(Ptr self) : self_(std::move(self)) {}
    allocator_type get_allocator() const { return allocator_type(*self_); }

    void operator()(const boost::system::error_code& error) {
        if (error || !self_->link_.alive()) return;
        const auto executor = self_->link_.stream().socket().get_executor();
        asio::co_spawn(executor, serve(std::move(self_)), asio::detached);
    }

  private:
    Ptr self_;
};

Connection::Connection(ThreadState& thread, TlsStream stream, unsigned tls_generation)
    : thread_(thread), link_(std::move(stream)), tls_generation_(tls_generation) {
    thread_.links.push_back(link_);
    thread_.server.metrics.open_connections.Increment();
}

Connection::~Connection() {
    thread_.server.metrics.open_connections.Decrement();
    thread_.server.connections.leave();
}

void Connection::begin(Ptr self) {
    if (!self->link_.stream().is_tls()) return await_request(std::move(self));
    const auto executor = self->link_.stream().socket().get_executor();
    asio::co_spawn(executor, greet(std::move(self)), asio::detached);
}

asio::awaitable<void> Connection::greet(Ptr self) {
    try {
        if (!co_await self->handshake()) co_return;
    } catch (const std::exception& e) {
        self->count_bug(typeid(e).name());
        co_return;
    }
    if (!self->link_.stream().has_pending()) {
        await_request(std::move(self));
    } else {
        co_await serve(std::move(self));
    }
}

void Connection::await_request(Ptr self) {
    if (self->thread_.server.draining) return;
    Link& link = self->link_;
    link.enter(Phase::idle, self->thread_.server.options.times.idle);
    link.stream().socket().async_wait(TlsStream::Socket::wait_read, NextByte(std::move(self)));
}

asio::awaitable<void> Connection::serve(Ptr self) {
    try {
        const After after = co_await self->serve_what_is_there();
        if (after == After::close) co_await self->linger();
        if (after == After::close || after == After::drop) co_return;
    } catch (const std::exception& e) {
        self->count_bug(typeid(e).name());
        co_return;
    }
    await_request(std::move(self));
}

asio::awaitable<bool> Connection::handshake() {
    HttpMetrics& metrics = thread_.server.metrics;
    link_.enter(Phase::handshake, thread_.server.options.times.handshake);
    for (;;) {
        const IoOutcome outcome = link_.stream().handshake();
        if (outcome.io == Io::done) break;
        const bool blocked = outcome.io == Io::want_read || outcome.io == Io::want_write;
        if (blocked && co_await link_.wait(outcome.io)) continue;
        metrics.handshakes_failed.Increment();
        if (outcome.io == Io::failed) {
            log_debug("TLS handshake failed", {{"reason", link_.stream().failure()}});
            co_await linger();
        }
        co_return false;
    }
    auto peer = link_.stream().peer(thread_.peers);
    if (!peer) {
        metrics.handshakes_failed.Increment();
        log_warn("client certificate is unusable", {{"detail", peer.error().detail}});
        co_return false;
    }
    peer_ = std::move(*peer);
    (link_.stream().resumed() ? metrics.handshakes_resumed : metrics.handshakes_full).Increment();
    co_return true;
}

// Requests as long as their bytes are at hand; a client that sends many at once lets others in.
asio::awaitable<After> Connection::serve_what_is_there() {
    auto buffers = thread_.buffers.take();
    buffers->request.peer = peer_;
    After after = After::next;
    for (int in_a_row = 1; after == After::next; ++in_a_row) {
        if (!still_trusted()) {
            after = After::drop;
            break;
        }
        Exchange exchange(thread_, link_, *buffers);
        after = co_await exchange.run();
        if (after != After::next) break;
        if (buffers->input.empty() && !link_.stream().has_pending()) break;
        if (in_a_row % bounds::kExchangesInARow == 0) co_await asio::post(asio::use_awaitable);
    }
    thread_.buffers.give_back(std::move(buffers));
    co_return after;
}

// Closing at once could destroy the answer on its way: bytes the client still sends would make the
// kernel reset the connection.
asio::awaitable<void> Connection::linger() {
    link_.stream().finish_writing();
    link_.enter(Phase::linger, thread_.server.options.times.linger);
    std::size_t forgotten = 0;
    while (forgotten < bounds::kLingerBytes) {
        const IoOutcome got = link_.stream().discard();
        if (got.io == Io::done) {
            forgotten += got.bytes;
        } else if (got.io != Io::want_read || !co_await link_.wait(Io::want_read)) {
            co_return;
        }
    }
}

bool Connection::still_trusted() {
    if (!link_.stream().is_tls() || tls_generation_ == thread_.server.tls.generation()) return true;
    const auto now = thread_.server.tls.get();
    tls_generation_ = now.generation;
    if (now.context && now.context->trusts_peer_of(link_.stream().tls())) return true;
    thread_.server.metrics.handshakes_failed.Increment();
    return false;
}

void Connection::count_bug(const char* what) {
    thread_.server.metrics.bugs.Increment();
    log_error("bug in a connection", {{"what", what}});
}

}  // namespace shikaku::http
