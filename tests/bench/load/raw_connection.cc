#include "tests/bench/load/raw_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "tests/bench/load/encoding.h"

namespace shikaku::bench {

void RawConnection::open(const Endpoint& endpoint, int epoll, std::uint32_t id,
                         std::uint32_t address, Greeting greeting, Reads reads) {
    drop();
    gone_ = false;
    greeting_ = greeting;
    reads_ = reads;
    has_sent_ = false;
    unsent_ = {};
    ++tally_.opened;
    state_ = State::connecting;
    socket_ = start_connecting(endpoint, epoll, id, address);
    if (reads == Reads::nothing) {
        constexpr int kSmall = 4096;
        setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kSmall, sizeof kSmall);
    }
    if (greeting == Greeting::none) {
        return;
    }
    ssl_ = SSL_new(endpoint.tls.get());
    SSL_set_fd(ssl_, socket_);
    SSL_set_connect_state(ssl_);
}

void RawConnection::drop() {
    SSL_free(ssl_);
    ssl_ = nullptr;
    if (socket_ >= 0) {
        const linger reset{.l_onoff = 1, .l_linger = 0};
        setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        ::close(socket_);
        socket_ = -1;
    }
    state_ = State::closed;
}

bool RawConnection::may_go_on(int result) {
    const int error = SSL_get_error(ssl_, result);
    ERR_clear_error();
    gone_ = gone_ || (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE);
    return !gone_;
}

RawConnection::Event RawConnection::greet() {
    std::array<char, 1> byte{};
    const auto peeked = recv(socket_, byte.data(), byte.size(), MSG_PEEK);
    if (peeked == 0 || (peeked < 0 && errno != EAGAIN && errno != ENOTCONN)) return Event::ended;
    switch (greeting_) {
        case Greeting::none:
            return Event::nothing;
        case Greeting::client_hello:
            if (peeked > 0) {  // the server has done its part of the handshake
                state_ = State::ready;
                return Event::ready;
            }
            return may_go_on(SSL_do_handshake(ssl_)) ? Event::nothing : Event::ended;
        case Greeting::tls:
            if (const int result = SSL_do_handshake(ssl_); result != 1)
                return may_go_on(result) ? Event::nothing : Event::ended;
            state_ = State::ready;
            return Event::ready;
    }
    return Event::nothing;
}

RawConnection::Event RawConnection::read_on() {
    constexpr std::size_t kRecord = 16 * 1024;
    constexpr std::string_view kBegin = "HTTP/1.1 ";
    constexpr std::size_t kDigits = 3;
    std::array<char, kRecord> bytes;
    int read = 0;
    while ((read = SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()))) > 0) {
        const std::string_view text(bytes.data(), static_cast<std::size_t>(read));
        if (!text.starts_with(kBegin) || text.size() < kBegin.size() + kDigits) continue;
        int status = 0;
        std::from_chars(text.data() + kBegin.size(), text.data() + kBegin.size() + kDigits, status);
        ++tally_.statuses[status];
    }
    return may_go_on(read) ? Event::nothing : Event::ended;
}

RawConnection::Event RawConnection::advance() {
    switch (state_) {
        case State::closed:
            return Event::nothing;
        case State::connecting:
            return greet();
        case State::ready:
            if (reads_ == Reads::all) return read_on();
            return gone_ ? Event::ended : Event::nothing;
    }
    return Event::nothing;
}

bool RawConnection::send(std::string_view more) {
    if (unsent_.empty()) unsent_ = more;
    has_sent_ = true;
    while (!unsent_.empty()) {
        const int written = SSL_write(ssl_, unsent_.data(), static_cast<int>(unsent_.size()));
        if (written <= 0) {
            static_cast<void>(may_go_on(written));
            return false;
        }
        tally_.sent_bytes += static_cast<std::size_t>(written);
        unsent_.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool RawConnection::update_keys() {
    if (SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) != 1) return false;
    if (const int result = SSL_do_handshake(ssl_); result != 1) {
        static_cast<void>(may_go_on(result));
        return false;
    }
    ++tally_.key_updates;
    return true;
}

}  // namespace shikaku::bench
