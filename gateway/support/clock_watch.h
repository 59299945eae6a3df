// The system's clock as far as it can be believed: wall time is compared with the time since boot,
// which nobody can set. A wall clock that jumps by more than bounds::kClockStep is not followed;
// until it is back, or the gateway is started again, trusted() says what happened. Smaller steps,
// as time servers make them, are followed. Thread-safe.
#pragma once

#include <atomic>
#include <functional>

#include "gateway/support/clock.h"

namespace shikaku {

class WatchedClock final : public Clock {
  public:
    struct Reading {
        Instant wall{};
        std::chrono::milliseconds since_boot{};  // goes on while the machine sleeps
    };
    explicit WatchedClock(std::function<Reading()> read = read_system);

    // Never jumps by more than bounds::kClockStep.
    [[nodiscard]] Instant now() const override;
    // clock_unsure.
    [[nodiscard]] Status trusted() const override;

    // Something that happened at `past` is on record: a clock that is more than bounds::kClockStep
    // behind it is not trusted until it has come there.
    void expect_after(Instant past) { past_ = past; }

    [[nodiscard]] static Reading read_system();

  private:
    struct Seen {
        Instant now{};
        std::chrono::milliseconds jump{0};  // of the wall clock, not followed
    };
    [[nodiscard]] Seen look() const;

    std::function<Reading()> read_;
    mutable std::atomic<std::int64_t> offset_ms_;  // wall time less time since boot
    std::atomic<Instant> past_{Instant{}};
    mutable std::atomic<bool> told_ = false;
};

}  // namespace shikaku
