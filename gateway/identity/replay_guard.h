// Single use of card tokens. Thread-safe, bounded memory (bounds::kUsedTokens), filled again from
// the log at start. A token is remembered until it could no longer pass its own expiry check.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "gateway/support/bounds.h"
#include "gateway/support/bytes.h"
#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::identity {

using TokenKey = std::array<std::uint8_t, 16>;   // keyed hash of issuer and jti
using RequestKey = std::array<std::uint8_t, 8>;  // keyed hash of client certificate and request

class ReplayGuard {
  public:
    explicit ReplayGuard(std::size_t tokens_max = bounds::kUsedTokens);
    ~ReplayGuard();

    struct Claim {
        enum class State : std::uint8_t {
            first,        // this caller owns the token now: call answered() or release()
            in_progress,  // the same request is being answered at this moment
            repeat,       // same certificate and request within bounds::kTokenRepeat: `index`
            replayed,     // any other second use
            full,         // bounds::kUsedTokens reached: overloaded
        };
        State state = State::first;
        std::uint64_t index = 0;  // of the log entry of the first answer
    };
    [[nodiscard]] Claim claim(const TokenKey& token, const RequestKey& request,
                              std::int64_t expires_s, Instant now);
    void answered(const TokenKey& token, std::uint64_t log_index, Instant now);
    void release(const TokenKey& token);  // nothing was answered: the token may be used again

    // At start, from the log: this token was used then.
    void remember(const TokenKey& token, const RequestKey& request, std::int64_t expires_s,
                  std::uint64_t log_index, Instant used);
    [[nodiscard]] std::size_t size() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::identity
