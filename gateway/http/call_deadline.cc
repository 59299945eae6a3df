#include "gateway/http/call_deadline.h"

namespace shikaku::http {

CallDeadline::CallDeadline(const asio::any_io_executor& on,
                           std::chrono::steady_clock::time_point when)
    : timer_(on, when) {
    timer_.async_wait([state = state_](const boost::system::error_code& error) {
        if (error) return;
        state->passed = true;
        if (state->cancel) state->cancel();
    });
}

// The handler may be queued already: it must find nothing to cancel.
CallDeadline::~CallDeadline() {
    state_->cancel = nullptr;
}

bool CallDeadline::passed() const {
    return state_->passed || std::chrono::steady_clock::now() >= timer_.expiry();
}

CallDeadline::Guard::Guard(CallDeadline& deadline, std::function<void()> cancel)
    : deadline_(deadline) {
    deadline_.state_->cancel = std::move(cancel);
    if (deadline_.passed()) deadline_.state_->cancel();
}

CallDeadline::Guard::~Guard() {
    deadline_.state_->cancel = nullptr;
}

}  // namespace shikaku::http
