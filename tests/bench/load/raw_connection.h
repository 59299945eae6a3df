// A socket of somebody who does not behave: it goes as far as it is told to, sends what it is
// given, and reads or does not. Driven by epoll events (edge-triggered), one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/bench/load/endpoint.h"

namespace shikaku::bench {

// How far one goes before it does what it came for.
enum class Greeting : std::uint8_t { none, client_hello, tls };
enum class Reads : std::uint8_t { all, nothing };

// What all connections of one attack did and got.
struct Tally {
    std::uint64_t opened = 0;
    std::uint64_t ended = 0;  // by the server
    std::uint64_t ready = 0;  // got as far as they wanted
    std::uint64_t key_updates = 0;
    std::uint64_t sent_bytes = 0;
    std::map<int, std::uint64_t> statuses;  // of those that read
};

class RawConnection {
  public:
    enum class Event : std::uint8_t { nothing, ready, ended };

    explicit RawConnection(Tally& tally) : tally_(tally) {}
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;
    ~RawConnection() { drop(); }

    void open(const Endpoint& endpoint, int epoll, std::uint32_t id, std::uint32_t address,
              Greeting greeting, Reads reads);
    // Ends it with a reset, so that the port is free at once.
    void drop();
    [[nodiscard]] Event advance();

    [[nodiscard]] bool is_open() const { return state_ != State::closed; }
    [[nodiscard]] bool ready() const { return state_ == State::ready; }
    // Goes on with what the socket has not taken yet; with `more` when it has taken all. False: it
    // is full. The bytes must live as long.
    bool send(std::string_view more);
    // Asks for new keys in both directions, which the other side has to answer. False as above.
    bool update_keys();

    [[nodiscard]] bool has_sent() const { return has_sent_; }
    [[nodiscard]] bool is_sending() const { return !unsent_.empty(); }

  private:
    enum class State : std::uint8_t { closed, connecting, ready };

    [[nodiscard]] Event greet();
    [[nodiscard]] Event read_on();
    [[nodiscard]] bool may_go_on(int result);

    State state_ = State::closed;
    Greeting greeting_ = Greeting::none;
    Reads reads_ = Reads::all;
    int socket_ = -1;
    SSL* ssl_ = nullptr;
    bool gone_ = false;
    bool has_sent_ = false;
    std::string_view unsent_;
    Tally& tally_;
};

}  // namespace shikaku::bench
