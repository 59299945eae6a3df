// A clock that the test sets while other threads, such as the log's writer, read it.
#pragma once

#include <atomic>

#include "gateway/support/clock.h"

namespace shikaku::testing {

class SharedClock final : public Clock {
  public:
    explicit SharedClock(Instant start) : now_(start) {}
    [[nodiscard]] Instant now() const override { return now_; }
    void set(Instant instant) { now_ = instant; }
    void advance(std::chrono::milliseconds by) { now_ = now() + by; }
    [[nodiscard]] Status trusted() const override {
        if (distrusted_) return fail(ErrorCode::clock_unsure, "the test says so");
        return {};
    }
    void distrust() { distrusted_ = true; }

  private:
    std::atomic<Instant> now_;
    std::atomic<bool> distrusted_ = false;
};

}  // namespace shikaku::testing
