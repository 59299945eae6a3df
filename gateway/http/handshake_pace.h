// How often full TLS handshakes may take place, of one network and of one client: after a pause so
// many at once, then so many a minute. A full one takes a processor as long as ten questions; a
// resumed one takes little and is not counted here.
//
// bounds::kHandshakeBuckets are remembered at most. What has waited long enough to be allowed
// everything again is as good as unknown and is forgotten first; where nobody has, one that has not
// is. Used under ConnectionTable's lock, so that all are looked through ten times a second at most.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

#include "gateway/support/bounds.h"

namespace shikaku::http {

struct HandshakeRate {
    std::int64_t per_minute = 0;  // 0: no bound
    std::int64_t burst = 0;
};

struct HandshakeRates {
    HandshakeRate of_network{bounds::kFullHandshakesOfNetwork, bounds::kConnections};
    HandshakeRate of_client{bounds::kFullHandshakesOfClient, bounds::kConnectionsPerCertificate};
};

template <class Key>
class HandshakePace {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit HandshakePace(HandshakeRate rate)
        : between_(rate.per_minute > 0 ? Time::duration(std::chrono::minutes(1)) / rate.per_minute
                                       : Time::duration::zero()),
          most_(between_ * rate.burst) {}

    // False, and nothing is counted, when it has had its share.
    [[nodiscard]] bool take(const Key& key, Time now) {
        if (between_ == Time::duration::zero()) return true;
        if (whole_at_.size() >= bounds::kHandshakeBuckets && !whole_at_.contains(key))
            make_room(now);
        Time& whole_at = whole_at_.try_emplace(key, now).first->second;
        const Time then = std::max(whole_at, now) + between_;
        if (then - now > most_) return false;
        whole_at = then;
        return true;
    }
    [[nodiscard]] std::size_t remembered() const { return whole_at_.size(); }

  private:
    void make_room(Time now) {
        if (now - looked_through_ >= std::chrono::milliseconds(100)) {
            looked_through_ = now;
            std::erase_if(whole_at_, [now](const auto& one) { return one.second <= now; });
        }
        if (whole_at_.size() >= bounds::kHandshakeBuckets) whole_at_.erase(whole_at_.begin());
    }

    const Time::duration between_;
    const Time::duration most_;
    std::map<Key, Time> whole_at_;  // when all of the burst is there again
    Time looked_through_{};
};

}  // namespace shikaku::http
