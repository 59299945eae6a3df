#include "gateway/http/link.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace shikaku::http {

void Link::enter(Phase phase, std::chrono::milliseconds at_most) {
    phase_ = phase;
    expired_ = false;
    deadline_ = std::chrono::steady_clock::now() + at_most;
}

void Link::enter_serving() {
    phase_ = Phase::serving;
    stream_.forget_messages();
    deadline_ = Time::max();
}

bool Link::may_wait() const {
    const bool for_request =
        phase_ == Phase::idle || phase_ == Phase::header || phase_ == Phase::body;
    return alive() && !(leaving_ && for_request);
}

asio::awaitable<bool> Link::wait(Io io) {
    if (!may_wait()) co_return false;
    if (io == Io::again) {
        co_await asio::post(stream_.socket().get_executor(), asio::use_awaitable);
        co_return may_wait();
    }
    const auto what =
        io == Io::want_write ? TlsStream::Socket::wait_write : TlsStream::Socket::wait_read;
    auto [error] = co_await stream_.socket().async_wait(what, asio::as_tuple(asio::use_awaitable));
    co_return !error && may_wait();
}

bool Link::write_some(std::string_view& rest) {
    while (!rest.empty()) {
        const IoOutcome written = stream_.write(rest);
        if (written.io == Io::want_read || written.io == Io::want_write) {
            blocked_on_ = written.io;
            return true;
        }
        if (written.io != Io::done) return false;
        rest.remove_prefix(written.bytes);
    }
    return true;
}

asio::awaitable<bool> Link::write_all(std::string_view rest) {
    for (;;) {
        if (!write_some(rest)) co_return false;
        if (rest.empty()) co_return true;
        if (!co_await wait(blocked_on_)) co_return false;
    }
}

bool Link::expire(Time now) {
    if (expired_ || now < deadline_) return false;
    expired_ = true;
    boost::system::error_code ignored;
    stream_.socket().cancel(ignored);
    return true;
}

void Link::finish() {
    if (phase_ == Phase::handshake || phase_ == Phase::linger) return abort();
    if (phase_ != Phase::idle) return;
    boost::system::error_code ignored;
    stream_.socket().cancel(ignored);
}

void Link::leave() {
    leaving_ = true;
    if (phase_ != Phase::header && phase_ != Phase::body) return finish();
    boost::system::error_code ignored;
    stream_.socket().cancel(ignored);
}

void Link::abort() {
    aborted_ = true;
    boost::system::error_code ignored;
    // The descriptor stays open: OpenSSL knows its number, which must not name another file yet.
    stream_.socket().shutdown(TlsStream::Socket::shutdown_both, ignored);
    stream_.socket().cancel(ignored);
}

}  // namespace shikaku::http
