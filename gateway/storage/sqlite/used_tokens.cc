#include "gateway/storage/sqlite/used_tokens.h"

#include <algorithm>

#include "gateway/storage/ports/log_storage.h"
#include "gateway/support/bounds.h"

namespace shikaku::storage {

namespace {

constexpr std::int64_t kBucketS = 10;

std::int64_t bucket_of(BytesView token) {
    return token_expires_s(token) / kBucketS;
}

}  // namespace

bool UsedTokens::add(BytesView token) {
    return by_expiry_[bucket_of(token)].insert(get_u64be(token_key(token))).second;
}

void UsedTokens::remove(BytesView token) {
    const auto bucket = by_expiry_.find(bucket_of(token));
    if (bucket != by_expiry_.end()) bucket->second.erase(get_u64be(token_key(token)));
}

void UsedTokens::forget(Instant now) {
    constexpr auto kLate = std::chrono::seconds(bounds::kClockSkew + bounds::kTokenMargin);
    const auto now_s = std::chrono::floor<std::chrono::seconds>(now - kLate);
    over_until_ = std::max(over_until_, now_s.time_since_epoch().count() / kBucketS);
    by_expiry_.erase(by_expiry_.begin(), by_expiry_.lower_bound(over_until_));
}

bool UsedTokens::is_over(BytesView token) const {
    return bucket_of(token) < over_until_;
}

std::size_t UsedTokens::size() const {
    std::size_t size = 0;
    for (const auto& [bucket, tokens] : by_expiry_)
        size += tokens.size();
    return size;
}

}  // namespace shikaku::storage
