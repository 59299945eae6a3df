// One after the other, with a look at the sockets between two: a step of a handshake takes a
// processor as long as ten questions, so that of many handshakes at once a question waits for one.
// Networks take turns: who waits beside thousands of another network's is next but one. Belongs to
// one thread.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <map>

#include "gateway/http/connection_table.h"

namespace shikaku::http {

class Turns {
  public:
    using Executor = boost::asio::io_context::executor_type;

    // Ends when it is the caller's turn; of its network who waits longest is next.
    [[nodiscard]] boost::asio::awaitable<void> wait(Executor executor, Network network) {
        return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
            [this, executor, network](auto handler) {
                auto& line = waiting_[network];
                if (line.empty()) round_.push_back(network);
                line.emplace_back(std::move(handler));
                if (waiting_.size() == 1 && line.size() == 1) call_next(executor);
            },
            boost::asio::use_awaitable);
    }

  private:
    using Handler = std::move_only_function<void()>;

    void call_next(Executor executor) {
        boost::asio::post(executor, [this, executor] {
            const auto line = waiting_.find(round_.front());
            round_.pop_front();
            Handler go_on = std::move(line->second.front());
            line->second.pop_front();
            if (line->second.empty()) {
                waiting_.erase(line);
            } else {
                round_.push_back(line->first);
            }
            if (!waiting_.empty()) call_next(executor);
            go_on();
        });
    }

    std::map<Network, std::deque<Handler>> waiting_;
    std::deque<Network> round_;  // those who wait, in turn
};

}  // namespace shikaku::http
