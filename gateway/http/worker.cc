#include "gateway/http/worker.h"

#include <pthread.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <typeinfo>

#include "gateway/http/connection.h"
#include "gateway/support/log.h"

namespace shikaku::http {
namespace {

constexpr int kBacklog = 4096;

// Often enough that a deadline is kept to a quarter of itself, at most four times a second.
std::chrono::milliseconds sweep_interval(const ServerTimes& times) {
    using namespace std::chrono_literals;
    const auto shortest = std::min(
        {times.handshake, times.header, times.body, times.idle, times.write, times.linger});
    return std::clamp(shortest / 4, 1ms, 250ms);
}

}  // namespace

Worker::Worker(ServerState& server) : state_(server) {
    state_.departures.when_called(
        [this] { asio::post(io_, [this] { state_.departures.see_off(); }); });
}

Worker::~Worker() {
    stop();
    if (thread_.joinable()) thread_.join();
}

Result<std::uint16_t> Worker::listen(const asio::ip::tcp::endpoint& endpoint, bool shared_port) {
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    const int yes = 1;
    if (!error && shared_port &&
        ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0)
        error.assign(errno, boost::system::system_category());
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (!error) return acceptor_.local_endpoint().port();
    return fail(ErrorCode::io_failed, "cannot listen on " + endpoint.address().to_string() + ":" +
                                          std::to_string(endpoint.port()) + ": " + error.message());
}

void Worker::run() {
    asio::co_spawn(io_, accept(), asio::detached);
    sweep();
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), ("http " + state_.server.options.name).c_str());
        for (;;) {
            try {
                io_.run();
                return;
            } catch (const std::exception& e) {
                state_.server.metrics.bugs.Increment();
                log_error("bug in an event loop", {{"what", typeid(e).name()}});
            }
        }
    });
}

// Whatever goes wrong with one connection, the next is accepted.
asio::awaitable<void> Worker::accept() {
    while (acceptor_.is_open()) {
        bool pause = true;
        try {
            pause = co_await accept_one() == Accepting::failed;
        } catch (const std::exception& e) {
            state_.server.metrics.bugs.Increment();
            note_failure(typeid(e).name());
        }
        if (!pause) continue;
        pause_.expires_after(bounds::kAcceptPause);
        co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

asio::awaitable<Worker::Accepting> Worker::accept_one() {
    TlsStream::Socket socket(io_);
    auto [error] = co_await acceptor_.async_accept(socket, asio::as_tuple(asio::use_awaitable));
    if (!acceptor_.is_open()) co_return Accepting::goes_on;
    if (!error) {
        state_.server.accept_fails = false;
        admit(std::move(socket));
        co_return Accepting::goes_on;
    }
    state_.server.metrics.accept_errors.Increment();
    if (error == asio::error::connection_aborted) co_return Accepting::goes_on;
    state_.server.accept_fails = true;
    note_failure(error.message());
    co_return Accepting::failed;
}

void Worker::note_failure(const std::string& reason) {
    const auto now = std::chrono::steady_clock::now();
    if (now - failure_told_ < bounds::kRefusalsToldEvery) return;
    failure_told_ = now;
    log_warn("cannot accept", {{"reason", reason}});
}

void Worker::admit(TlsStream::Socket socket) {
    ServerState& server = state_.server;
    if (server.draining) return;
    boost::system::error_code gone;
    const auto from = socket.remote_endpoint(gone);
    if (gone) return;
    auto seat = server.connections.enter(server.options.connections.descriptors());
    if (!seat) return server.table.count_overflow();
    auto stream = TlsStream::accepted(std::move(socket));
    if (!stream) {
        server.metrics.accept_errors.Increment();
        return note_failure(stream.error().detail);
    }
    server.metrics.connections.Increment();
    Connection::begin(std::make_unique<Connection>(state_, std::move(seat), std::move(*stream),
                                                   Network::of(from.address())));
}

void Worker::sweep() {
    const auto now = std::chrono::steady_clock::now();
    swept_ = now;
    for (Link& link : state_.links) {
        if (link.expire(now)) state_.server.metrics.timed_out(link.phase());
    }
    sweeper_.expires_after(sweep_interval(state_.server.options.times));
    sweeper_.async_wait([this](const boost::system::error_code& error) {
        if (!error && !stopped_) sweep();
    });
}

void Worker::close_acceptor() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void Worker::drain() {
    asio::post(io_, [this] {
        close_acceptor();
        for (Link& link : state_.links)
            link.finish();
    });
}

void Worker::stop() {
    asio::post(io_, [this] {
        stopped_ = true;
        close_acceptor();
        sweeper_.cancel();
        for (Link& link : state_.links)
            link.abort();
    });
}

}  // namespace shikaku::http
