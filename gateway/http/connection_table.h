// Who may be connected to a server, over all its threads: connections in all, of one client (its
// certificate; its address where there is none) and from one address, and, in a pool of their own,
// handshakes that are not finished, in all and from one address. An address is an IPv4 address or
// an IPv6 /64.
//
// - A handshake too many is taken, and an unfinished one is closed for it: of the same address when
//   that has too many, else of the network with the most (an IPv4 address or an IPv6 /48, and
//   within it the /64 with the most); there the oldest that waits for its client. Those that wait
//   for our processor go last, so that many at once do not take each other's turns. Who opens many
//   pushes out its own.
// - When all places are taken, of the client with the most the connection that has waited longest
//   for a request, or for the rest of one, is closed for a new one of a client with fewer. One
//   whose request is complete and not yet answered is never closed.
// - What is over its own client's or address's bound is refused.
// - Full handshakes have a pace, of a network (IPv4 /24, IPv6 /56), which is seen before they cost
//   anything, and of a client, known when they are over (handshake_pace.h).
// Each is counted by its bound, and told in the process log at a bounded rate.
//
// Thread-safe. The lock is taken when a connection comes, is let in or goes; never for a request.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gateway/http/handshake_pace.h"
#include "gateway/http/http_metrics.h"
#include "gateway/http/server.h"
#include "gateway/support/bytes.h"

namespace shikaku::http {

class Link;
class Place;
class Departures;

// Where a connection comes from, as it is counted.
struct Network {
    std::uint64_t prefix = 0;
    bool v6 = false;

    [[nodiscard]] static Network of(const asio::ip::address& address);
    // The IPv4 address, or the /48.
    [[nodiscard]] Network site() const { return {v6 ? prefix >> 16 : prefix, v6}; }
    // The /24, or the /56.
    [[nodiscard]] Network paced() const { return {prefix >> 8, v6}; }
    auto operator<=>(const Network&) const = default;
};

// Who is counted as one client: what ServerOptions::client_of says, else the certificate's SHA-256,
// or one made of the address.
using ClientKey = Hash256;
[[nodiscard]] ClientKey client_without_certificate(const Network& network);

// What one client has open and under way.
struct ClientLoad {
    // That count, by when each began to wait, as it was known last: it may have begun later since.
    std::set<std::pair<std::int64_t, Place*>> places{};
    std::size_t attached = 0;                 // these, and what is on its way out
    std::atomic<std::size_t> body_bytes = 0;  // see body_budget.h
    std::atomic<std::size_t> response_bytes = 0;
};

class ConnectionTable {
  public:
    ConnectionTable(const ConnectionBounds& bounds, HttpMetrics& metrics,
                    const HandshakeRates& rates = {})
        : bounds_(bounds),
          metrics_(metrics),
          of_networks_(rates.of_network),
          of_clients_(rates.of_client) {}

    // Nobody is let in any more.
    void close();
    // A connection that had to be closed unseen: beyond every bound.
    void count_overflow();
    // What keeps new clients out, or did within bounds::kRefusalsRecent; empty: nothing.
    [[nodiscard]] std::string trouble() const;

  private:
    friend class Place;
    friend class Departures;
    using Clock = std::chrono::steady_clock;
    using Clients = std::map<ClientKey, ClientLoad>;
    // Those that wait for their client first, the oldest of them first.
    struct Unfinished {
        bool at_work = false;
        std::uint64_t number = 0;
        auto operator<=>(const Unfinished&) const = default;
    };
    struct Address {
        std::size_t open = 0;
        std::set<Unfinished> handshakes{};
    };
    struct Site {
        std::size_t handshakes = 0;
        std::set<std::pair<std::size_t, Network>> addresses{};  // by their handshakes
    };
    // What was told under the lock goes into the process log after it.
    struct Line {
        const char* what;
        Bound bound;
        std::int64_t times;
        std::size_t open, handshakes;
    };
    class Lock {
      public:
        explicit Lock(ConnectionTable& table) : table_(table), lock_(table.mutex_) {}
        ~Lock();
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

      private:
        ConnectionTable& table_;
        std::unique_lock<std::mutex> lock_;
    };
    struct Told {
        Clock::time_point last{};
        std::int64_t since = 0;
    };

    // All of these under the lock.
    [[nodiscard]] bool refuse(Bound bound);
    void send_away(Place& place, Bound bound);
    [[nodiscard]] bool make_room_for(const ClientLoad& newcomer);
    [[nodiscard]] static Place* longest_waiting(ClientLoad& client);
    void forget(Place& place);
    void add_handshake(Place& place);
    void remove_handshake(Place& place);
    [[nodiscard]] Place& one_too_many(const Address& newcomer) const;
    void resize(ClientLoad& client, const std::function<void()>& change);
    void tell(const char* what, Bound bound, Told& told);

    const ConnectionBounds bounds_;
    HttpMetrics& metrics_;
    mutable std::mutex mutex_;
    bool closed_ = false;
    std::size_t open_ = 0;
    std::uint64_t next_number_ = 0;
    std::map<Network, Address> addresses_;
    std::map<Unfinished, Place*> handshakes_;
    std::map<Network, Site> sites_;  // with handshakes
    std::set<std::pair<std::size_t, Network>> sites_by_size_;
    Clients clients_;
    std::set<std::pair<std::size_t, ClientLoad*>> by_size_;
    std::array<Told, kBounds> refused_told_{};
    std::array<Told, kBounds> closed_told_{};
    Clock::time_point full_at_{};
    std::vector<Line> lines_;
    HandshakePace<Network> of_networks_;
    HandshakePace<ClientKey> of_clients_;
};

// The place of one connection, which it is part of. Of the connection's thread.
class Place {
  public:
    Place(ConnectionTable& table, Departures& departures, Link& link, Network network)
        : table_(table), departures_(departures), link_(link), network_(network) {}
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // The connection is there and has to prove who it is. False: it has to go.
    [[nodiscard]] bool begin_handshake();
    // What its handshake waits for from now on: its client, as at the beginning, or its turn.
    void waits_for_client() { handshake_goes_on(false); }
    void waits_for_turn() { handshake_goes_on(true); }
    // It cannot resume a session. False: too many of its network could not, and it has to go.
    [[nodiscard]] bool begin_full_handshake();
    // It is this client's. False: it has to go.
    enum class Handshake : std::uint8_t { none, resumed, full };
    [[nodiscard]] bool enter(const ClientKey& key, Handshake handshake);

    [[nodiscard]] const Network& network() const { return network_; }
    // For who shows no certificate.
    [[nodiscard]] ClientKey key_of_network() const { return client_without_certificate(network_); }

    // Whether it may be closed for another, and since when: not while a request is answered. Two
    // stores a request.
    void idle() { idle_since_.store(now(), kRelaxed); }
    void busy() { idle_since_.store(kBusy, kRelaxed); }
    // It was chosen to be closed for another: it ends when no request is being answered.
    [[nodiscard]] bool sent_away() const { return sent_away_.load(kRelaxed); }
    [[nodiscard]] ClientLoad* client() const { return client_; }  // null before enter()

  private:
    friend class ConnectionTable;
    friend class Departures;
    static constexpr auto kRelaxed = std::memory_order_relaxed;
    static constexpr std::int64_t kBusy = 0;
    enum class In : std::uint8_t { nothing, handshake, open };
    void handshake_goes_on(bool at_work);
    static std::int64_t now() {
        return std::chrono::steady_clock::now().time_since_epoch().count();
    }

    ConnectionTable& table_;
    Departures& departures_;
    Link& link_;
    const Network network_;
    In in_ = In::nothing;
    bool departing_ = false;
    std::atomic<bool> sent_away_ = false;
    ConnectionTable::Unfinished unfinished_{};
    ClientLoad* client_ = nullptr;
    ConnectionTable::Clients::iterator entry_{};  // of client_
    std::atomic<std::int64_t> idle_since_ = kBusy;
    std::int64_t known_since_ = 0;  // under the table's lock
};

// The connections of one thread that were sent away.
class Departures {
  public:
    explicit Departures(ConnectionTable& table) : table_(table) {}
    // Called from any thread, under the table's lock, when the own thread should see_off().
    void when_called(std::function<void()> call) { call_ = std::move(call); }
    void see_off();

  private:
    friend class ConnectionTable;
    friend class Place;
    ConnectionTable& table_;
    std::function<void()> call_;
    std::vector<Place*> places_;  // under the table's lock
};

}  // namespace shikaku::http
