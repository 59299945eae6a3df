#include "gateway/http/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <typeinfo>

#include "gateway/http/last_words.h"
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

// Owns a connection that waits for its first byte, or for the first of a request.
class Connection::NextByte {
  public:
    using allocator_type = HandlerAllocator<void>;

    explicit NextByte(Ptr self) : self_(std::move(self)) {}
    allocator_type get_allocator() const { return allocator_type(*self_); }

    void operator()(const boost::system::error_code& error) {
        if (error || !self_->link_.alive()) return;
        const auto executor = self_->link_.stream().socket().get_executor();
        const auto go_on = self_->greeted_ ? serve : greet;
        asio::co_spawn(executor, go_on(std::move(self_)), asio::detached);
    }

  private:
    Ptr self_;
};

Connection::Connection(ThreadState& thread, ConnectionCount::Seat seat, TlsStream stream,
                       Network network)
    : thread_(thread),
      seat_(std::move(seat)),
      link_(std::move(stream)),
      place_(thread.server.table, thread.departures, link_, network),
      trust_(thread.server, link_) {
    thread_.links.push_back(link_);
    thread_.server.metrics.open_connections.Increment();
}

Connection::~Connection() {
    thread_.server.metrics.open_connections.Decrement();
}

void Connection::begin(Ptr self) {
    if (self->thread_.server.tls.get().context != nullptr) return await_hello(std::move(self));
    if (self->place_.enter(self->place_.key_of_network(), Place::Handshake::none)) {
        self->greeted_ = true;
        await_request(std::move(self));
    }
}

void Connection::await_hello(Ptr self) {
    if (!self->place_.begin_handshake()) return;
    self->link_.enter(Phase::handshake, self->thread_.server.options.times.handshake);
    await_byte(std::move(self));
}

asio::awaitable<void> Connection::greet(Ptr self) {
    try {
        if (!self->begin_tls() || !co_await self->handshake()) co_return;
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
    if (self->thread_.server.draining || self->place_.sent_away() || !self->link_.alive()) return;
    // Bytes that gave nothing of a request, as of a record's beginning, do not extend the time.
    if (self->link_.phase() != Phase::idle) {
        self->link_.enter(Phase::idle, self->thread_.server.options.times.idle);
        self->place_.idle();
    }
    await_byte(std::move(self));
}

void Connection::await_byte(Ptr self) {
    auto& socket = self->link_.stream().socket();
    socket.async_wait(TlsStream::Socket::wait_read, NextByte(std::move(self)));
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

bool Connection::begin_tls() {
    const auto tls = thread_.server.tls.get();
    trust_.begin(tls.generation);
    const Status begun = link_.stream().speak_tls(*tls.context);
    if (begun) return true;
    thread_.server.metrics.handshakes_failed.Increment();
    log_warn("connection not taken", {{"reason", begun.error().detail}});
    return false;
}

asio::awaitable<bool> Connection::handshake() {
    HttpMetrics& metrics = thread_.server.metrics;
    const auto executor = link_.stream().socket().get_executor();
    for (;;) {
        place_.waits_for_turn();
        co_await thread_.handshakes.wait(executor, place_.network().site());
        if (!link_.alive()) break;
        IoOutcome outcome = link_.stream().handshake();
        if (outcome.io == Io::full_handshake && place_.begin_full_handshake())
            outcome = link_.stream().handshake();
        if (outcome.io != Io::done) place_.waits_for_client();
        if (outcome.io == Io::done) {
            if (!know_peer()) co_return false;
            const auto kind =
                link_.stream().resumed() ? Place::Handshake::resumed : Place::Handshake::full;
            if (place_.enter(client_key(), kind)) co_return true;
            if (!place_.sent_away() && !thread_.server.draining) co_await turn_away();
            co_return false;
        }
        const bool blocked =
            outcome.io == Io::want_read || outcome.io == Io::want_write || outcome.io == Io::again;
        if (blocked && co_await link_.wait(outcome.io)) continue;
        if (outcome.io != Io::failed) break;
        metrics.handshakes_failed.Increment();
        trust_.tell_refused_handshake();
        log_debug("TLS handshake failed", {{"reason", link_.stream().failure()}});
        co_await linger();
        co_return false;
    }
    metrics.handshakes_failed.Increment();
    trust_.tell_refused_handshake();
    co_return false;
}

bool Connection::know_peer() {
    HttpMetrics& metrics = thread_.server.metrics;
    greeted_ = true;
    auto peer = link_.stream().peer(thread_.peers);
    if (!peer) {
        metrics.handshakes_failed.Increment();
        remember_refusal(link_.stream().tls(), TlsRefusal::bad_certificate);
        trust_.tell_refused_handshake();
        log_debug("client certificate is unusable", {{"detail", peer.error().detail}});
        return false;
    }
    peer_ = std::move(*peer);
    trust_.know();
    (link_.stream().resumed() ? metrics.handshakes_resumed : metrics.handshakes_full).Increment();
    return true;
}

// One client may have several certificates.
ClientKey Connection::client_key() const {
    if (!peer_) return place_.key_of_network();
    const auto& client_of = thread_.server.options.client_of;
    return (client_of ? client_of(*peer_) : std::nullopt).value_or(peer_->sha256);
}

// Few are told, and waited for until they have read it: these connections are over a bound already.
asio::awaitable<void> Connection::turn_away() {
    const auto seat = thread_.server.turned_away.enter(bounds::kConnectionsToldWhy);
    if (!seat) co_return;
    std::string_view why = no_room();
    if (!co_await thread_.server.service.ends({.peer = peer_.get()})) co_return;
    static_cast<void>(link_.write_some(why));
    co_await linger();
}

// Why the next request is not read, said to a client that has sent something; false: it is read.
asio::awaitable<bool> Connection::end_instead() {
    const bool trusted = trust_.holds();
    if (trusted && !place_.sent_away()) co_return false;
    std::string_view why = trusted ? closed_for_another() : no_longer_trusted();
    Ending ending{.peer = peer_.get()};
    if (!trusted) ending = {Ending::Cause::not_trusted, trust_.lost_because(), peer_.get()};
    if (co_await thread_.server.service.ends(ending)) static_cast<void>(link_.write_some(why));
    co_return true;
}

// Requests as long as their bytes are at hand; a client that sends many at once lets others in.
asio::awaitable<After> Connection::serve_what_is_there() {
    auto buffers = thread_.buffers.take();
    buffers->request.peer = peer_;
    After after = After::next;
    for (int in_a_row = 1; after == After::next; ++in_a_row) {
        if (co_await end_instead()) {
            after = After::close;
            break;
        }
        Exchange exchange(thread_, link_, place_, trust_, *buffers);
        after = co_await exchange.run();
        if (after != After::next) break;
        place_.idle();
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

void Connection::count_bug(const char* what) {
    thread_.server.metrics.bugs.Increment();
    log_error("bug in a connection", {{"what", what}});
}

}  // namespace shikaku::http
