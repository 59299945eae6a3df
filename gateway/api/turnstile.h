// Where the questions of one thread go through one after the other (waiting_line.h). While there is
// little to do they go straight through; beyond bounds::kTurnTime in one turn of the event loop
// they wait, so that the bytes of others are read in between and whoever should go first does.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "gateway/domain/waiting_line.h"
#include "gateway/support/result.h"

namespace shikaku::api {

class Turnstile : public std::enable_shared_from_this<Turnstile> {
  public:
    using WaitingLine = domain::WaitingLine;
    using ClientKey = WaitingLine::ClientKey;
    using Patience = WaitingLine::Patience;

    // A question that has begun; ends with it.
    class Turn {
      public:
        Turn(std::shared_ptr<Turnstile> turnstile, ClientKey client)
            : turnstile_(std::move(turnstile)), client_(client) {}
        ~Turn() {
            if (turnstile_) turnstile_->end(client_);
        }
        Turn(Turn&& other) noexcept = default;
        Turn& operator=(Turn&& other) = delete;

      private:
        std::shared_ptr<Turnstile> turnstile_;
        ClientKey client_;
    };

    explicit Turnstile(const boost::asio::any_io_executor& executor,
                       const WaitingLine::Bounds& bounds = {})
        : executor_(executor), line_(bounds) {}

    // The one that the calling thread's coroutines share; see Resumer::of_this_thread.
    [[nodiscard]] static std::shared_ptr<Turnstile> of_this_thread(
        const boost::asio::any_io_executor& executor);

    // At once, when nobody waits and the thread has time.
    [[nodiscard]] std::optional<Turn> try_enter(ClientKey client, domain::Priority priority);
    // In turn. overloaded: it has waited too long, or there is no room to wait.
    [[nodiscard]] boost::asio::awaitable<Result<Turn>> wait(ClientKey client,
                                                            domain::Priority priority,
                                                            Patience patience);

  private:
    struct Waiting;
    void join(Waiting& waiting);
    void send_away(WaitingLine::Place& place);
    void schedule();
    void let_through();
    void look_again();
    void end(ClientKey client);

    boost::asio::any_io_executor executor_;
    WaitingLine line_;
    WaitingLine::Time turn_began_{};
    bool in_turn_ = false;    // of the event loop, since turn_began_
    bool scheduled_ = false;  // let_through()
    bool looks_again_ = false;
};

}  // namespace shikaku::api
