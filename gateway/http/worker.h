// One thread of a server: its io_context, its acceptor, its connections and the sweeper that holds
// them to their deadlines. Methods are for the server's thread; what they ask happens on the
// worker's.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "gateway/http/server_state.h"

namespace shikaku::http {

class Worker {
  public:
    explicit Worker(ServerState& server);
    ~Worker();  // stop() and wait for the handlers still at work

    // Listens on the endpoint and gives the port. shared_port: other workers listen there too.
    [[nodiscard]] Result<std::uint16_t> listen(const asio::ip::tcp::endpoint& endpoint,
                                               bool shared_port);
    void run();
    void drain();  // close the acceptor and what is idle
    void stop();   // cut every connection
    // When the thread last came round; it does several times a second.
    [[nodiscard]] std::chrono::steady_clock::time_point swept() const { return swept_; }

  private:
    [[nodiscard]] asio::awaitable<void> accept();
    enum class Accepting : std::uint8_t { goes_on, failed };
    [[nodiscard]] asio::awaitable<Accepting> accept_one();
    void admit(TlsStream::Socket socket);
    void note_failure(const std::string& reason);
    void sweep();
    void close_acceptor();

    ThreadState state_;
    asio::io_context io_{1};
    asio::ip::tcp::acceptor acceptor_{io_};
    asio::steady_timer pause_{io_};
    asio::steady_timer sweeper_{io_};
    std::atomic<std::chrono::steady_clock::time_point> swept_{std::chrono::steady_clock::now()};
    bool stopped_ = false;
    std::chrono::steady_clock::time_point failure_told_{};
    std::thread thread_;
};

}  // namespace shikaku::http
