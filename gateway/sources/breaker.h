// Whether a source is asked. After so many failures in a row, about different people, it is paused:
// questions do not wait for what will not come. When the pause is over one question at a time goes
// as a probe; one answer ends the pause, another failure makes it longer, up to
// bounds::kBreakerPauseMax. A failure about the same person as the one before does not count, nor
// does it make a pause longer: one record that the source cannot give must not take it from
// everybody else.
//
// Says only who is asked; what a question that was not asked is answered with is failed_finding().
// Used under its owner's lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "gateway/support/bounds.h"
#include "gateway/support/bytes.h"

namespace shikaku::sources {

class Breaker {
  public:
    using Time = std::chrono::steady_clock::time_point;
    struct Pauses {
        std::chrono::milliseconds first = bounds::kBreakerPauseMin;
        std::chrono::milliseconds longest = bounds::kBreakerPauseMax;
    };
    enum class State : std::uint8_t { closed, paused, probing };
    enum class Turn : std::uint8_t { ask, probe, refuse };

    explicit Breaker(Pauses pauses) : pauses_(pauses) {}

    // A probe must end in answered() or failed().
    [[nodiscard]] Turn turn(Time now);
    void answered();
    // `limit` failures in a row begin a pause; `jitter` in [0, 1) keeps gateways that lost a source
    // together from asking it together. Gives the pause that has begun.
    std::optional<std::chrono::milliseconds> failed(Time now, const Hash256& about, Turn asked_as,
                                                    int limit, double jitter);
    [[nodiscard]] State state() const { return state_; }

  private:
    [[nodiscard]] std::chrono::milliseconds pause(Time now, double jitter);

    Pauses pauses_;
    State state_ = State::closed;
    int failures_ = 0;
    int doublings_ = 0;  // of the pause
    Hash256 last_failed_{};
    Time until_{};
};

}  // namespace shikaku::sources
