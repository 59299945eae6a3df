// How much each client may ask: a token bucket each, kept as one number (GCRA: the moment at which
// the bucket is whole again), for this process. A client is a role and its holder, on whatever
// certificate, connection or thread. Memory is fixed: a client whose buckets are whole again is
// forgotten without loss; when more come at once than can be remembered, the one nearest to that
// is. Thread-safe; some 50 ns a question.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

#include "gateway/identity/client.h"
#include "gateway/inquiry/forgery_limit.h"
#include "gateway/support/bounds.h"
#include "gateway/support/result.h"

namespace shikaku::api {

struct Rate {
    std::int64_t per_minute = 0;  // 0: no limit
    std::int64_t burst = 0;       // at once, after a pause
    bool operator==(const Rate&) const = default;
};

// By default the largest hospitals are far from them: the whole country asks 1,300 times a second
// in its busiest minute.
struct Rates {
    Rate institution{.per_minute = 30'000, .burst = 5'000};
    Rate authority{.per_minute = 6'000, .burst = 1'000};
    Rate auditor{.per_minute = 60'000, .burst = 10'000};
    // NOLINTNEXTLINE(readability-identifier-naming): without the end it is a keyword
    Rate operator_{.per_minute = 6'000, .burst = 1'000};
    Rate emergency{.per_minute = 60, .burst = 30};  // of one client; what is beyond is walk_in
    Rate forged{.per_minute = 20, .burst = 20};     // signatures of one client that are wrong
    bool operator==(const Rates&) const = default;
};

// Where a client stands; what RateLimit-Policy and RateLimit say.
struct Allowance {
    bool allowed = true;
    std::int64_t quota = 0;  // 0: no limit, the rest says nothing
    std::int64_t left = 0;
    std::chrono::seconds window{};       // in which the quota comes back
    std::chrono::seconds whole_after{};  // until all of it is there again
    std::chrono::seconds retry_after{};  // until what was refused would pass
    bool of_changes = false;             // not of what else the client may ask
};

using identity::Client;
using identity::client_of;

// A number of whole seconds from 1 to 3, so that clients who were sent away do not come back
// together.
[[nodiscard]] int retry_after_jittered();
// Between bounds::kSentAwayHeldMin and Max.
[[nodiscard]] std::chrono::milliseconds held_back_jittered();

// An upload counts as so many questions: it is read, checked and compared as a whole.
inline constexpr unsigned kUploadCost = 20;

// The refusals, as clients are told; counted by role and reason.
[[nodiscard]] Error too_many_requests(Client client, const Allowance& rate);
[[nodiscard]] Error too_many_forged(Client client, const Allowance& rate);

class RateLimits final : public inquiry::ForgeryLimit {
  public:
    using Time = std::chrono::steady_clock::time_point;

    explicit RateLimits(const Rates& rates = {}, std::size_t clients = bounds::kClientsRemembered);
    void replace(const Rates& rates);

    // Takes `cost` when it is there. What costs more than the burst is let through when the burst
    // is there, and leaves a debt, of a whole batch at most: nothing else passes until it is paid.
    [[nodiscard]] Allowance take(Client client, std::int64_t cost, Time now);
    // What take() would say; takes nothing.
    [[nodiscard]] Allowance look(Client client, std::int64_t cost, Time now);
    // Takes it whether it is there or not, as far as it goes.
    Allowance charge(Client client, std::int64_t cost, Time now);

    // One release or rollback: counted apart from all else.
    [[nodiscard]] Allowance take_change(Client client, Time now);

    // One of the client's share of emergencies; what they cost otherwise is charged by the caller.
    [[nodiscard]] bool take_emergency(Client client, Time now);

    // False once the client has sent too many wrong signatures: then no other is looked at.
    [[nodiscard]] Allowance may_check_signature(Client client, Time now);
    void count_forged(Client client, Time now);
    [[nodiscard]] Status may_check_signature(const identity::Caller& caller) override;
    void count_forged(const identity::Caller& caller) override;

    // Whether a client that is sent away gets its answer at once: the first do.
    [[nodiscard]] bool take_prompt_refusal(Client client, Time now);

  private:
    enum Meter : std::uint8_t { asking, changing, emergency, forged, refusals };
    static constexpr std::size_t kMeters = 5;
    static constexpr std::size_t kWays = 8;
    static constexpr std::size_t kLocks = 64;

    // A rate as it is used, in nanoseconds.
    struct Pace {
        std::atomic<std::int64_t> interval = 0, tolerance = 0;
        void set(Rate rate);
    };
    struct Remembered {
        std::uint64_t key = 0;
        std::array<std::int64_t, kMeters> whole_at{};
        [[nodiscard]] std::int64_t all_whole_at() const;
    };
    using Set = std::array<Remembered, kWays>;

    enum class Mode : std::uint8_t { take, charge, look };
    Allowance use(Client client, Meter meter, std::int64_t cost, Mode mode, Time time);
    Remembered& remembered(Set& set, std::uint64_t key, std::int64_t now);
    [[nodiscard]] const Pace& pace(Client client, Meter meter) const;

    std::array<Pace, 4> asking_;  // by role
    Pace changes_, emergency_, forged_, refusals_;
    const std::uint64_t seed_;
    const std::size_t sets_count_;  // a power of two
    std::unique_ptr<Set[]> sets_;
    std::array<std::mutex, kLocks> locks_;
};

}  // namespace shikaku::api
