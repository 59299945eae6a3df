// A connection's stream with its deadline: every wait names what it is for and how long it may
// take. Setting a deadline is a store; the thread's sweeper looks at all of them a few times a
// second (expire()). Belongs to one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>

#include "gateway/http/http_metrics.h"
#include "gateway/http/tls_stream.h"

namespace shikaku::http {

using LinkHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Leaves the list it is in when it is destroyed.
class Link : public LinkHook {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Link(TlsStream stream) : stream_(std::move(stream)) {}

    [[nodiscard]] TlsStream& stream() { return stream_; }
    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] bool expired() const { return expired_; }
    [[nodiscard]] bool alive() const { return !expired_ && !aborted_; }

    void enter(Phase phase, std::chrono::milliseconds at_most);
    void enter_serving();  // no deadline: handlers have their own

    // Until that is possible, or with Io::again until others had their turn. False when the
    // deadline passed, the server stops, or the socket failed.
    [[nodiscard]] asio::awaitable<bool> wait(Io io);

    // Writes what goes without waiting and cuts it off `rest`; false when the connection is lost.
    [[nodiscard]] bool write_some(std::string_view& rest);
    // Writes all of it.
    [[nodiscard]] asio::awaitable<bool> write_all(std::string_view rest);

    // True when the deadline has passed just now.
    bool expire(Time now);
    // The server drains: ends a handshake, and what follows a failed one, or a wait for the next
    // request.
    void finish();
    // Its place is wanted: ends these, and every wait for a request or the rest of one, now and
    // later. What is being answered is answered.
    void leave();
    // Ends every wait, now and later.
    void abort();

  private:
    [[nodiscard]] bool may_wait() const;

    TlsStream stream_;
    Time deadline_ = Time::max();
    Phase phase_ = Phase::handshake;
    bool expired_ = false;
    bool aborted_ = false;
    bool leaving_ = false;
    Io blocked_on_ = Io::want_write;
};

using LinkList = boost::intrusive::list<Link, boost::intrusive::base_hook<LinkHook>,
                                        boost::intrusive::constant_time_size<false>>;

}  // namespace shikaku::http
