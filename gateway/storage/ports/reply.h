// What a port answers to a read: the value, when the engine has it at hand (a file on this machine
// always has), or a promise of it (a server somewhere else).
//
//   auto reply = storage.tile(0, n);
//   auto tile = reply.is_there() ? std::move(reply).take() : co_await arrived(std::move(reply));
//
// Nothing is allocated and nobody waits when it is there. Threads that may wait say blocking().
#pragma once

#include <functional>
#include <future>
#include <utility>
#include <variant>

#include "gateway/support/result.h"

namespace shikaku::storage {

template <class T>
class [[nodiscard]] Reply {
  public:
    using Done = std::move_only_function<void(Result<T>)>;
    // Begins the work; `Done` is called exactly once, by whichever thread has the value.
    using Ask = std::move_only_function<void(Done)>;

    // NOLINTNEXTLINE(google-explicit-constructor): a store that has it returns it as it is
    Reply(Result<T> value) : state_(std::move(value)) {}
    [[nodiscard]] static Reply later(Ask ask) { return Reply(std::move(ask)); }

    [[nodiscard]] bool is_there() const { return std::holds_alternative<Result<T>>(state_); }
    [[nodiscard]] Result<T> take() && { return std::move(std::get<Result<T>>(state_)); }
    void then(Done done) && {
        if (is_there()) return done(std::move(*this).take());
        std::get<Ask>(state_)(std::move(done));
    }

    // What `use` makes of the value, which it gives as a Result<U>.
    template <class U, class Use>
    [[nodiscard]] Reply<U> map(Use use) && {
        if (is_there()) {
            auto value = std::move(*this).take();
            if (!value) return Result<U>(std::unexpected(std::move(value.error())));
            return Result<U>(use(*std::move(value)));
        }
        return Reply<U>::later([ask = std::move(std::get<Ask>(state_)),
                                use = std::move(use)](typename Reply<U>::Done done) mutable {
            ask([use = std::move(use), done = std::move(done)](Result<T> value) mutable {
                if (!value) return done(std::unexpected(std::move(value.error())));
                done(use(*std::move(value)));
            });
        });
    }

  private:
    explicit Reply(Ask ask) : state_(std::move(ask)) {}
    std::variant<Result<T>, Ask> state_;
};

// For threads that may wait; never an io thread.
template <class T>
[[nodiscard]] Result<T> blocking(Reply<T> reply) {
    if (reply.is_there()) return std::move(reply).take();
    std::promise<Result<T>> promise;
    auto value = promise.get_future();
    std::move(reply).then([&promise](Result<T> result) { promise.set_value(std::move(result)); });
    return value.get();
}

}  // namespace shikaku::storage
