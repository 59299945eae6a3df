// One thread of a server: its io_context, its acceptor, its connections and the sweeper that holds
// them to their deadlines. Methods are for the server's thread; what they ask happens on the
// worker's.
#pragma once

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

  private:
    [[nodiscard]] asio::awaitable<void> accept();
    void admit(TlsStream::Socket socket);
    void sweep();
    void close_acceptor();

    ThreadState state_;
    asio::io_context io_{1};
    asio::ip::tcp::acceptor acceptor_{io_};
    asio::steady_timer pause_{io_};
    asio::steady_timer sweeper_{io_};
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace shikaku::http
