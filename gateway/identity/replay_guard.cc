#include "gateway/identity/replay_guard.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <limits>
#include <map>

#include "gateway/support/bounds.h"
#include "gateway/support/metrics.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::identity {
namespace {

// Token keys are keyed hashes, so their first half is as good as random to anyone without the key:
// among 16 million remembered tokens a new one looks used once in 10^12.
using Fingerprint = std::uint64_t;
using Milliseconds = std::int64_t;

constexpr Milliseconds kRepeatMs = std::chrono::milliseconds(bounds::kTokenRepeat).count();
constexpr std::int64_t kRememberS =
    std::chrono::seconds(bounds::kClockSkew + bounds::kTokenMargin).count();
constexpr std::int64_t kBucketS = 10;
constexpr int kAgedAtOnce =
    64;  // per claim, each of which adds one: bounds the time under the lock
constexpr std::uint64_t kNotAnswered = std::numeric_limits<std::uint64_t>::max();

std::int64_t bucket_of(std::int64_t expires_s) {
    return expires_s / kBucketS;
}

}  // namespace

struct ReplayGuard::Impl {
    struct Recent {
        std::uint64_t request = 0;
        std::uint64_t log_index = kNotAnswered;
        std::int64_t expires_s = 0;
        Milliseconds used = 0;
    };
    struct Use {
        Fingerprint token = 0;
        Milliseconds used = 0;
    };

    explicit Impl(std::size_t most) : tokens_max(most) {}

    const std::size_t tokens_max;
    mutable Mutex mutex;
    boost::unordered_flat_map<Fingerprint, Recent> recent SHIKAKU_GUARDED_BY(mutex);
    // Of `recent`, oldest first; may hold uses that were released.
    std::deque<Use> order SHIKAKU_GUARDED_BY(mutex);
    // By bucket of expiry.
    std::map<std::int64_t, boost::unordered_flat_set<Fingerprint>> old SHIKAKU_GUARDED_BY(mutex);
    std::size_t old_size SHIKAKU_GUARDED_BY(mutex) = 0;
    // The last bucket dropped.
    std::int64_t forgotten SHIKAKU_GUARDED_BY(mutex) = std::numeric_limits<std::int64_t>::min();

    void tidy(Milliseconds now) SHIKAKU_REQUIRES(mutex) {
        while (!old.empty() && (old.begin()->first + 1) * kBucketS + kRememberS <= now / 1000) {
            forgotten = old.begin()->first;
            old_size -= old.begin()->second.size();
            old.erase(old.begin());
        }
        for (int i = 0; i < kAgedAtOnce && !order.empty(); ++i) {
            const Use oldest = order.front();
            if (now - oldest.used <= kRepeatMs) break;
            order.pop_front();
            const auto found = recent.find(oldest.token);
            if (found == recent.end() || found->second.used != oldest.used) continue;
            make_old(oldest.token, found->second.expires_s);
            recent.erase(found);
        }
    }

    void make_old(Fingerprint token, std::int64_t expires_s) SHIKAKU_REQUIRES(mutex) {
        const std::int64_t bucket = bucket_of(expires_s);
        if (bucket > forgotten && old[bucket].insert(token).second) ++old_size;
    }

    [[nodiscard]] bool is_old(Fingerprint token, std::int64_t expires_s) const
        SHIKAKU_REQUIRES(mutex) {
        const std::int64_t bucket = bucket_of(expires_s);
        // Only a clock that was set back can bring such a token here.
        if (bucket <= forgotten) return true;
        const auto found = old.find(bucket);
        return found != old.end() && found->second.contains(token);
    }

    void add(Fingerprint token, const Recent& use) SHIKAKU_REQUIRES(mutex) {
        recent.emplace(token, use);
        order.push_back({token, use.used});
    }

    [[nodiscard]] std::size_t size() const SHIKAKU_REQUIRES(mutex) {
        return recent.size() + old_size;
    }
};

ReplayGuard::ReplayGuard(std::size_t tokens_max) : impl_(std::make_unique<Impl>(tokens_max)) {}
ReplayGuard::~ReplayGuard() = default;

ReplayGuard::Claim ReplayGuard::claim(const TokenKey& token, const RequestKey& request,
                                      std::int64_t expires_s, Instant now) {
    const Fingerprint fingerprint = get_u64be(token);
    const std::uint64_t request_number = get_u64be(request);
    const Lock lock(impl_->mutex);
    impl_->tidy(unix_ms(now));
    if (const auto found = impl_->recent.find(fingerprint); found != impl_->recent.end()) {
        const Impl::Recent& use = found->second;
        if (use.request != request_number || unix_ms(now) - use.used > kRepeatMs)
            return {Claim::State::replayed, 0};
        if (use.log_index == kNotAnswered) return {Claim::State::in_progress, 0};
        return {Claim::State::repeat, use.log_index};
    }
    if (impl_->is_old(fingerprint, expires_s)) return {Claim::State::replayed, 0};
    if (impl_->size() >= impl_->tokens_max) return {Claim::State::full, 0};
    impl_->add(fingerprint,
               {.request = request_number, .expires_s = expires_s, .used = unix_ms(now)});
    return {Claim::State::first, 0};
}

void ReplayGuard::answered(const TokenKey& token, std::uint64_t log_index, Instant /*now*/) {
    const Lock lock(impl_->mutex);
    const auto found = impl_->recent.find(get_u64be(token));
    if (found != impl_->recent.end() && found->second.log_index == kNotAnswered) {
        found->second.log_index = log_index;
        return;
    }
    static auto& bugs = counter("shikaku_replay_guard_bugs_total",
                                "Answers reported for card tokens that were not claimed");
    bugs.Increment();
}

void ReplayGuard::release(const TokenKey& token) {
    const Lock lock(impl_->mutex);
    const auto found = impl_->recent.find(get_u64be(token));
    if (found != impl_->recent.end() && found->second.log_index == kNotAnswered)
        impl_->recent.erase(found);
}

void ReplayGuard::remember(const TokenKey& token, const RequestKey& request, std::int64_t expires_s,
                           std::uint64_t log_index, Instant used) {
    const Fingerprint fingerprint = get_u64be(token);
    const Lock lock(impl_->mutex);
    impl_->tidy(unix_ms(used));
    if (impl_->recent.contains(fingerprint) || impl_->is_old(fingerprint, expires_s)) return;
    impl_->add(fingerprint, {.request = get_u64be(request),
                             .log_index = log_index,
                             .expires_s = expires_s,
                             .used = unix_ms(used)});
}

std::size_t ReplayGuard::size() const {
    const Lock lock(impl_->mutex);
    return impl_->size();
}

}  // namespace shikaku::identity
