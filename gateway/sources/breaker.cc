#include "gateway/sources/breaker.h"

#include <algorithm>

namespace shikaku::sources {

Breaker::Turn Breaker::turn(Time now) {
    if (state_ == State::closed) return Turn::ask;
    if (state_ == State::probing || now < until_) return Turn::refuse;
    state_ = State::probing;
    return Turn::probe;
}

void Breaker::answered() {
    state_ = State::closed;
    failures_ = 0;
    doublings_ = 0;
    last_failed_ = {};
}

std::chrono::milliseconds Breaker::pause(Time now, double jitter) {
    constexpr int kDoublings = 16;  // far beyond the longest pause
    const auto whole =
        std::min(pauses_.longest, pauses_.first * (1 << std::min(doublings_, kDoublings)));
    state_ = State::paused;
    const auto jittered = std::chrono::floor<std::chrono::milliseconds>(whole * (1 + jitter) / 2);
    until_ = now + jittered;
    return jittered;
}

std::optional<std::chrono::milliseconds> Breaker::failed(Time now, const Hash256& about,
                                                         Turn asked_as, int limit, double jitter) {
    const bool same_person = failures_ > 0 && about == last_failed_;
    if (asked_as == Turn::probe) {
        if (!same_person) ++doublings_;
        last_failed_ = about;
        return pause(now, jitter);
    }
    if (state_ != State::closed || same_person) return std::nullopt;
    last_failed_ = about;
    if (++failures_ < limit) return std::nullopt;
    return pause(now, jitter);
}

}  // namespace shikaku::sources
