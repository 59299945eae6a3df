// Which card tokens were used, as far as they could still be used again: by the first half of their
// keys, which are keyed hashes, so that one that is not found was not used, and one that is found
// almost certainly was. For one thread.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <map>

#include "gateway/support/bytes.h"
#include "gateway/support/clock.h"

namespace shikaku::storage {

class UsedTokens {
  public:
    // False: one with that key is there already.
    [[nodiscard]] bool add(BytesView token);
    void remove(BytesView token);
    // Forgets what had expired long before; from then on is_over() of these.
    void forget(Instant now);
    [[nodiscard]] bool is_over(BytesView token) const;
    [[nodiscard]] std::size_t size() const;

  private:
    using Fingerprint = std::uint64_t;
    std::map<std::int64_t, boost::unordered_flat_set<Fingerprint>> by_expiry_;
    std::int64_t over_until_ = 0;  // buckets before it
};

}  // namespace shikaku::storage
