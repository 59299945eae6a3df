#include "tests/bench/load/connection.h"

#include <unistd.h>

#include "tests/bench/load/encoding.h"

namespace shikaku::bench {

void Connection::open(const Endpoint& endpoint, int epoll, std::uint32_t id, bool resume,
                      std::uint32_t address) {
    close();
    socket_ = start_connecting(endpoint, epoll, id, address);
    ssl_ = SSL_new(endpoint.tls.get());
    SSL_set_fd(ssl_, socket_);
    SSL_set_connect_state(ssl_);
    if (resume && session_ != nullptr) {
        SSL_set_session(ssl_, session_);
    }
    state_ = State::handshaking;
}

void Connection::close() {
    if (ssl_ != nullptr) {
        if (state_ != State::closed && state_ != State::handshaking) {
            // Tickets of TLS 1.3 have come with the first answer; keep the newest for a resumption.
            SSL_SESSION_free(session_);
            session_ = SSL_get1_session(ssl_);
            SSL_shutdown(ssl_);
        }
        SSL_free(ssl_);
        ssl_ = nullptr;
    }
    if (socket_ >= 0) {
        ::close(socket_);
        socket_ = -1;
    }
    state_ = State::closed;
}

Connection::Event Connection::wait_or_lose(int result) {
    const int error = SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        return Event::nothing;
    }
    ERR_clear_error();
    close();
    return Event::lost;
}

Connection::Event Connection::handshake() {
    const int result = SSL_do_handshake(ssl_);
    if (result != 1) {
        return wait_or_lose(result);
    }
    state_ = State::idle;
    return Event::ready;
}

Connection::Event Connection::send(std::string_view request, std::uint64_t started_ns) {
    unsent_ = request;
    started_ns_ = started_ns;
    reader_.clear();
    state_ = State::sending;
    return write_some();
}

Connection::Event Connection::write_some() {
    while (!unsent_.empty()) {
        const int written = SSL_write(ssl_, unsent_.data(), static_cast<int>(unsent_.size()));
        if (written <= 0) {
            return wait_or_lose(written);
        }
        unsent_.remove_prefix(static_cast<std::size_t>(written));
    }
    state_ = State::receiving;
    return Event::nothing;
}

Connection::Event Connection::read_some() {
    while (true) {
        const std::span<char> space = reader_.space();
        const int read = SSL_read(ssl_, space.data(), static_cast<int>(space.size()));
        if (read <= 0) {
            return wait_or_lose(read);
        }
        switch (reader_.received(static_cast<std::size_t>(read))) {
            case ResponseReader::Progress::more:
                continue;
            case ResponseReader::Progress::complete:
                state_ = State::idle;
                return Event::answered;
            case ResponseReader::Progress::broken:
                close();
                return Event::lost;
        }
    }
}

Connection::Event Connection::advance() {
    switch (state_) {
        case State::closed:
            return Event::nothing;
        case State::handshaking:
            return handshake();
        case State::sending:
            if (const Event event = write_some(); event == Event::lost || !unsent_.empty()) {
                return event;
            }
            return read_some();
        case State::receiving:
            return read_some();
        case State::idle: {
            // Nothing was asked: a late ticket, or the server closes.
            char none = 0;
            return wait_or_lose(SSL_peek(ssl_, &none, 1));
        }
    }
    return Event::nothing;
}

}  // namespace shikaku::bench
