// What the connections of a server share: its options, service, counters and TLS context (all
// threads), and what belongs to one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "gateway/http/body_budget.h"
#include "gateway/http/connection_table.h"
#include "gateway/http/exchange_buffers.h"
#include "gateway/http/http_metrics.h"
#include "gateway/http/link.h"
#include "gateway/http/peer_certificates.h"
#include "gateway/http/server.h"
#include "gateway/http/turns.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::http {

// The context for connections from now on. A generation counts the replacements.
class CurrentTls {
  public:
    struct Snapshot {
        std::shared_ptr<TlsContext> context;  // null: plain
        unsigned generation = 0;
    };

    explicit CurrentTls(std::shared_ptr<TlsContext> context) : context_(std::move(context)) {}

    void replace(std::shared_ptr<TlsContext> context) {
        const Lock lock(mutex_);
        context_.swap(context);
        generation_.fetch_add(1);
    }
    [[nodiscard]] Snapshot get() const {
        const Lock lock(mutex_);
        return {context_, generation_.load()};
    }
    [[nodiscard]] unsigned generation() const {
        return generation_.load(std::memory_order_relaxed);
    }

  private:
    mutable Mutex mutex_;
    std::shared_ptr<TlsContext> context_ SHIKAKU_GUARDED_BY(mutex_);
    std::atomic<unsigned> generation_ = 0;
};

// How many connections are open, over all threads.
class ConnectionCount {
  public:
    // Counts until it is destroyed; an empty one does not count.
    class Seat {
      public:
        Seat() = default;
        explicit Seat(ConnectionCount& of) : of_(&of) {}
        Seat(Seat&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        Seat& operator=(Seat&& other) noexcept {
            std::swap(of_, other.of_);
            return *this;
        }
        ~Seat() {
            if (of_ != nullptr) of_->leave();
        }
        explicit operator bool() const { return of_ != nullptr; }

      private:
        ConnectionCount* of_ = nullptr;
    };

    // Empty when there are `most` already.
    [[nodiscard]] Seat enter(std::size_t most) {
        Seat seat(*this);
        return count_.fetch_add(1) < most ? std::move(seat) : Seat();
    }
    [[nodiscard]] std::size_t get() const { return count_.load(); }
    // False when some are left after that time.
    [[nodiscard]] bool wait_for_none(std::chrono::milliseconds at_most) {
        std::unique_lock lock(mutex_);
        return none_.wait_for(lock, at_most, [this] { return count_.load() == 0; });
    }

  private:
    void leave() {
        if (count_.fetch_sub(1) != 1) return;
        const std::lock_guard lock(mutex_);
        none_.notify_all();
    }

    std::atomic<std::size_t> count_ = 0;
    std::mutex mutex_;
    std::condition_variable none_;
};

struct ServerState {
    ServerState(ServerOptions o, std::shared_ptr<TlsContext> context, Service& s)
        : options(std::move(o)),
          service(s),
          metrics(options.name),
          tls(std::move(context)),
          table(options.connections, metrics, options.handshakes),
          bodies(options.bodies, metrics),
          responses(options.responses, metrics, BodyBudget::Of::responses) {}

    const ServerOptions options;
    Service& service;
    HttpMetrics metrics;
    CurrentTls tls;
    ConnectionTable table;
    BodyBudget bodies;
    BodyBudget responses;
    ConnectionCount connections;
    ConnectionCount turned_away;  // told why, and waited for
    std::atomic<bool> draining = false;
    std::atomic<bool> accept_fails = false;  // at the last try
};

struct ThreadState {
    explicit ThreadState(ServerState& s) : server(s), departures(s.table) {}

    ServerState& server;
    Departures departures;
    Turns handshakes;
    BufferPool buffers;
    PeerCertificates peers;
    LinkList links;
};

}  // namespace shikaku::http
