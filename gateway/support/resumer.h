// The way back from other threads to a connection's own: what several threads, or one of them
// several times, want resumed there runs in one go. The writer of the log ends a whole batch of
// questions at once; a post for each would take the scheduler's lock and wake its thread as often.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "gateway/support/thread_safety.h"

namespace shikaku {

class Resumer : public std::enable_shared_from_this<Resumer> {
  public:
    using Continuation = std::move_only_function<void()>;

    explicit Resumer(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    // The one that the calling thread's coroutines share. It must be called on the executor's
    // thread, of which an io_context of ours has one.
    [[nodiscard]] static std::shared_ptr<Resumer> of_this_thread(
        const boost::asio::any_io_executor& executor);

    // From any thread. The context must be kept at work by others until the continuation has run.
    void resume(Continuation continuation);

  private:
    void run_all();

    boost::asio::any_io_executor executor_;
    Mutex mutex_;
    std::vector<Continuation> ready_ SHIKAKU_GUARDED_BY(mutex_);
    std::vector<Continuation> running_;  // of the executor's thread; keeps its memory
};

}  // namespace shikaku
