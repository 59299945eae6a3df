// A forged token is the one request that costs us much more than its sender: who has sent too many
// is not believed for a while. Thread-safe.
#pragma once

#include "gateway/identity/caller.h"
#include "gateway/support/result.h"

namespace shikaku::inquiry {

class ForgeryLimit {
  public:
    virtual ~ForgeryLimit() = default;
    // rate_limited: not now.
    [[nodiscard]] virtual Status may_check_signature(const identity::Caller& caller) = 0;
    virtual void count_forged(const identity::Caller& caller) = 0;
};

}  // namespace shikaku::inquiry
