#include "gateway/support/resumer.h"

#include <boost/asio/post.hpp>

namespace shikaku {

std::shared_ptr<Resumer> Resumer::of_this_thread(const boost::asio::any_io_executor& executor) {
    thread_local std::shared_ptr<Resumer> resumer;
    if (!resumer || resumer->executor_ != executor) resumer = std::make_shared<Resumer>(executor);
    return resumer;
}

void Resumer::resume(Continuation continuation) {
    bool first = false;
    {
        const Lock lock(mutex_);
        first = ready_.empty();
        ready_.push_back(std::move(continuation));
    }
    if (first) boost::asio::post(executor_, [self = shared_from_this()] { self->run_all(); });
}

void Resumer::run_all() {
    std::vector<Continuation> running = std::move(running_);
    {
        const Lock lock(mutex_);
        running.swap(ready_);
    }
    for (Continuation& continuation : running)
        continuation();
    running.clear();
    running_ = std::move(running);
}

}  // namespace shikaku
