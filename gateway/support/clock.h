// The time, replaceable in tests. Instants are UTC with millisecond precision; a service date is a
// Japanese calendar date (JST, UTC+9, no daylight saving).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "gateway/support/result.h"

namespace shikaku {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

// Since 1970, as it stands in files, entries and answers.
[[nodiscard]] constexpr std::int64_t unix_ms(Instant instant) {
    return instant.time_since_epoch().count();
}

class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    // clock_unsure: now() is a guess, so that nothing may be decided by it.
    [[nodiscard]] virtual Status trusted() const { return {}; }
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

class ManualClock final : public Clock {
  public:
    explicit ManualClock(Instant start) : now_(start) {}
    [[nodiscard]] Instant now() const override { return now_; }
    void advance(std::chrono::milliseconds by) { now_ += by; }
    void set(Instant instant) { now_ = instant; }
    [[nodiscard]] Status trusted() const override { return trusted_; }
    void distrust() { trusted_ = fail(ErrorCode::clock_unsure, "the test says so"); }

  private:
    Instant now_;
    Status trusted_;
};

// "2026-11-20T08:59:00+09:00": RFC 3339 in JST, whole seconds.
[[nodiscard]] std::string to_rfc3339_jst(Instant instant);
// "20261120T085900": the same in a file's name.
[[nodiscard]] std::string to_compact_jst(Instant instant);

}  // namespace shikaku
