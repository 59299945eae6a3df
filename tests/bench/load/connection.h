// One non-blocking TLS connection that sends one request at a time. Driven by epoll events
// (edge-triggered): advance() goes as far as it can and says what happened.
#pragma once

#include <cstdint>
#include <string_view>

#include "tests/bench/load/endpoint.h"
#include "tests/bench/load/response_reader.h"

namespace shikaku::bench {

class Connection {
  public:
    enum class Event : unsigned char { nothing, ready, answered, lost };

    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        close();
        SSL_SESSION_free(session_);
    }

    // Starts connecting; registers with epoll under `id`. With resume, the newest session that this
    // connection has seen is offered. From an address of its own: see start_connecting().
    void open(const Endpoint& endpoint, int epoll, std::uint32_t id, bool resume,
              std::uint32_t address = 0);
    void close();

    // Only when ready or answered. The bytes must live until the answer.
    [[nodiscard]] Event send(std::string_view request, std::uint64_t started_ns);
    [[nodiscard]] Event advance();

    [[nodiscard]] bool busy() const { return state_ != State::idle && state_ != State::closed; }
    [[nodiscard]] bool closed() const { return state_ == State::closed; }
    [[nodiscard]] bool awaits_answer() const {
        return state_ == State::sending || state_ == State::receiving;
    }
    [[nodiscard]] const ResponseReader& response() const { return reader_; }
    [[nodiscard]] std::uint64_t started_ns() const { return started_ns_; }
    [[nodiscard]] bool resumed() const { return SSL_session_reused(ssl_) == 1; }

  private:
    enum class State : unsigned char { closed, handshaking, idle, sending, receiving };

    [[nodiscard]] Event handshake();
    [[nodiscard]] Event write_some();
    [[nodiscard]] Event read_some();
    [[nodiscard]] Event wait_or_lose(int result);

    State state_ = State::closed;
    int socket_ = -1;
    SSL* ssl_ = nullptr;
    SSL_SESSION* session_ = nullptr;
    std::string_view unsent_;
    std::uint64_t started_ns_ = 0;
    ResponseReader reader_;
};

}  // namespace shikaku::bench
