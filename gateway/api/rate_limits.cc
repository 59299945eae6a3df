#include "gateway/api/rate_limits.h"

#include <algorithm>
#include <bit>
#include <random>

#include <fmt/format.h>

#include "gateway/support/bounds.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::int64_t kMinute = nanoseconds(std::chrono::minutes(1)).count();
constexpr auto kLargestDebt = static_cast<std::int64_t>(bounds::kBatchQuestions);
// A client that heeds Retry-After is never sent away so often.
constexpr Rate kPromptRefusals{.per_minute = 600, .burst = 20};
constexpr Rate kChanges{.per_minute = 60, .burst = 20};

seconds up_to_seconds(std::int64_t ns) {
    return std::chrono::ceil<seconds>(nanoseconds(ns));
}

std::minstd_rand& randomness() {
    thread_local std::minstd_rand random{std::random_device{}()};
    return random;
}

prometheus::Counter& refused(Client client, std::string_view why) {
    return counter("shikaku_limited_total", "Requests refused with 429, by role and reason",
                   {{"role", std::string(identity::name(client.role))}, {"why", std::string(why)}});
}

}  // namespace

int retry_after_jittered() {
    return std::uniform_int_distribution<int>(1, 3)(randomness());
}

std::chrono::milliseconds held_back_jittered() {
    using std::chrono::milliseconds;
    constexpr milliseconds kMin = bounds::kSentAwayHeldMin, kMax = bounds::kSentAwayHeldMax;
    return milliseconds(
        std::uniform_int_distribution<milliseconds::rep>(kMin.count(), kMax.count())(randomness()));
}

Error too_many_requests(Client client, const Allowance& rate) {
    refused(client, rate.of_changes ? "changes" : "rate").Increment();
    if (rate.of_changes)
        return {ErrorCode::rate_limited,
                fmt::format("more than {} releases and rollbacks within {} s", rate.quota,
                            rate.window.count()),
                {},
                static_cast<int>(rate.retry_after.count()) + retry_after_jittered() - 1};
    return {
        ErrorCode::rate_limited,
        fmt::format("more than {} requests within {} s; a question of a batch counts as one, an "
                    "upload as {}",
                    rate.quota, rate.window.count(), kUploadCost),
        {},
        static_cast<int>(rate.retry_after.count()) + retry_after_jittered() - 1};
}

Error too_many_forged(Client client, const Allowance& rate) {
    refused(client, "forged").Increment();
    return {ErrorCode::rate_limited,
            "too many card tokens with a wrong signature came from this client; for a while none "
            "of its tokens is looked at, except in an emergency",
            {},
            static_cast<int>(rate.retry_after.count()) + retry_after_jittered() - 1};
}

void RateLimits::Pace::set(Rate rate) {
    const std::int64_t each = rate.per_minute == 0 ? 0 : kMinute / rate.per_minute;
    interval.store(each, std::memory_order_relaxed);
    tolerance.store(each * std::max<std::int64_t>(rate.burst, 1), std::memory_order_relaxed);
}

std::int64_t RateLimits::Remembered::all_whole_at() const {
    return std::ranges::max(whole_at);
}

RateLimits::RateLimits(const Rates& rates, std::size_t clients)
    : seed_((std::uint64_t{std::random_device{}()} << 32 | std::random_device{}()) | 1U),
      sets_count_(std::bit_ceil(std::max(clients / kWays, std::size_t{1}))),
      sets_(std::make_unique<Set[]>(sets_count_)) {
    refusals_.set(kPromptRefusals);
    changes_.set(kChanges);
    replace(rates);
}

void RateLimits::replace(const Rates& rates) {
    using identity::Role;
    const auto of = [this](Role role) -> Pace& { return asking_[static_cast<std::size_t>(role)]; };
    of(Role::institution).set(rates.institution);
    of(Role::authority).set(rates.authority);
    of(Role::auditor).set(rates.auditor);
    of(Role::operator_).set(rates.operator_);
    emergency_.set(rates.emergency);
    forged_.set(rates.forged);
}

Allowance RateLimits::take(Client client, std::int64_t cost, Time now) {
    return use(client, asking, cost, Mode::take, now);
}

Allowance RateLimits::look(Client client, std::int64_t cost, Time now) {
    return use(client, asking, cost, Mode::look, now);
}

Allowance RateLimits::charge(Client client, std::int64_t cost, Time now) {
    return use(client, asking, cost, Mode::charge, now);
}

Allowance RateLimits::take_change(Client client, Time now) {
    Allowance rate = use(client, changing, 1, Mode::take, now);
    rate.of_changes = true;
    return rate;
}

bool RateLimits::take_emergency(Client client, Time now) {
    return use(client, emergency, 1, Mode::take, now).allowed;
}

Allowance RateLimits::may_check_signature(Client client, Time now) {
    return use(client, forged, 1, Mode::look, now);
}

void RateLimits::count_forged(Client client, Time now) {
    use(client, forged, 1, Mode::charge, now);
}

bool RateLimits::take_prompt_refusal(Client client, Time now) {
    return use(client, refusals, 1, Mode::take, now).allowed;
}

const RateLimits::Pace& RateLimits::pace(Client client, Meter meter) const {
    switch (meter) {
        case asking:
            return asking_[static_cast<std::size_t>(client.role)];
        case changing:
            return changes_;
        case emergency:
            return emergency_;
        case forged:
            return forged_;
        case refusals:
            return refusals_;
    }
    return refusals_;
}

Allowance RateLimits::use(Client client, Meter meter, std::int64_t cost, Mode mode, Time time) {
    const Pace& paced = pace(client, meter);
    const std::int64_t interval = paced.interval.load(std::memory_order_relaxed);
    const std::int64_t tolerance = paced.tolerance.load(std::memory_order_relaxed);
    if (interval == 0) return {};
    const std::int64_t now = nanoseconds(time.time_since_epoch()).count();

    // The high bits of a product depend on all bits of the key.
    const std::size_t at = (client.key * seed_ >> 32) & (sets_count_ - 1);
    const std::lock_guard lock(locks_[at % kLocks]);
    std::int64_t& whole_at = remembered(sets_[at], client.key, now).whole_at[meter];
    // Neither what a batch left nor what a reload has made smaller is a debt of more than a batch.
    const std::int64_t most = std::max<std::int64_t>(tolerance, interval * kLargestDebt);
    whole_at = std::clamp(whole_at, now, now + most);
    const std::int64_t then = whole_at + std::min(interval * cost, tolerance);
    const bool allowed = then - now <= tolerance;
    if (mode == Mode::take && allowed) whole_at = std::min(whole_at + interval * cost, now + most);
    if (mode == Mode::charge) whole_at = std::max(whole_at, std::min(then, now + tolerance));
    const std::int64_t used = whole_at - now;
    return {.allowed = allowed,
            .quota = tolerance / interval,
            .left = std::max<std::int64_t>(tolerance - used, 0) / interval,
            .window = up_to_seconds(tolerance),
            .whole_after = up_to_seconds(used),
            .retry_after = allowed ? seconds(0) : up_to_seconds(then - now - tolerance)};
}

RateLimits::Remembered& RateLimits::remembered(Set& set, std::uint64_t key, std::int64_t now) {
    static auto& forgotten =
        counter("shikaku_clients_forgotten_total",
                "Clients forgotten although they had used up some of what they may ask");
    Remembered* oldest = set.data();
    for (Remembered& one : set) {
        if (one.key == key) return one;
        if (one.all_whole_at() < oldest->all_whole_at()) oldest = &one;
    }
    if (oldest->all_whole_at() > now) forgotten.Increment();
    *oldest = {.key = key, .whole_at = {}};
    return *oldest;
}

Status RateLimits::may_check_signature(const identity::Caller& caller) {
    const Client client = client_of(caller);
    const Allowance left = may_check_signature(client, std::chrono::steady_clock::now());
    if (!left.allowed) return fail(too_many_forged(client, left));
    return {};
}

void RateLimits::count_forged(const identity::Caller& caller) {
    count_forged(client_of(caller), std::chrono::steady_clock::now());
}

}  // namespace shikaku::api
