// What the connections of a server share: its options, service, counters and TLS context (all
// threads), and what belongs to one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "gateway/http/exchange_buffers.h"
#include "gateway/http/http_metrics.h"
#include "gateway/http/link.h"
#include "gateway/http/peer_certificates.h"
#include "gateway/http/server.h"

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
        const std::lock_guard lock(mutex_);
        context_.swap(context);
        generation_.fetch_add(1);
    }
    [[nodiscard]] Snapshot get() const {
        const std::lock_guard lock(mutex_);
        return {context_, generation_.load()};
    }
    [[nodiscard]] unsigned generation() const {
        return generation_.load(std::memory_order_relaxed);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<TlsContext> context_;
    std::atomic<unsigned> generation_ = 0;
};

// How many connections are open, over all threads.
class ConnectionCount {
  public:
    // False when there are `most` already.
    [[nodiscard]] bool enter(std::size_t most) {
        if (count_.fetch_add(1) < most) return true;
        leave();
        return false;
    }
    void leave() {
        if (count_.fetch_sub(1) != 1) return;
        const std::lock_guard lock(mutex_);
        none_.notify_all();
    }
    [[nodiscard]] std::size_t get() const { return count_.load(); }
    // False when some are left after that time.
    [[nodiscard]] bool wait_for_none(std::chrono::milliseconds at_most) {
        std::unique_lock lock(mutex_);
        return none_.wait_for(lock, at_most, [this] { return count_.load() == 0; });
    }

  private:
    std::atomic<std::size_t> count_ = 0;
    std::mutex mutex_;
    std::condition_variable none_;
};

struct ServerState {
    ServerState(ServerOptions o, std::shared_ptr<TlsContext> context, Service& s)
        : options(std::move(o)), service(s), metrics(options.name), tls(std::move(context)) {}

    const ServerOptions options;
    Service& service;
    HttpMetrics metrics;
    CurrentTls tls;
    ConnectionCount connections;
    std::atomic<bool> draining = false;
};

struct ThreadState {
    explicit ThreadState(ServerState& s) : server(s) {}

    ServerState& server;
    BufferPool buffers;
    PeerCertificates peers;
    LinkList links;
};

}  // namespace shikaku::http
