// The deadline of one call, whatever it waits for: when it passes, the guard of the moment runs and
// should cancel that wait. Used by one coroutine on a single-threaded executor.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace shikaku::http {

namespace asio = boost::asio;

class CallDeadline {
  public:
    CallDeadline(const asio::any_io_executor& on, std::chrono::steady_clock::time_point when);
    ~CallDeadline();
    CallDeadline(const CallDeadline&) = delete;
    CallDeadline& operator=(const CallDeadline&) = delete;

    [[nodiscard]] bool passed() const;

    // As long as it lives, passing the deadline calls `cancel`.
    class Guard {
      public:
        Guard(CallDeadline& deadline, std::function<void()> cancel);
        ~Guard();
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        CallDeadline& deadline_;
    };

  private:
    struct State {
        bool passed = false;
        std::function<void()> cancel;
    };

    asio::steady_timer timer_;
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace shikaku::http
