// Latencies in buckets whose width grows with the value: 128 to each doubling, so any value is kept
// within 1 %. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace shikaku::bench {

class Histogram {
  public:
    void add(std::uint64_t nanoseconds) {
        ++counts_[bucket_of(nanoseconds)];
        ++count_;
        max_ = std::max(max_, nanoseconds);
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t max() const { return max_; }

    // The upper end of the bucket that holds the value of this rank, 0 < share <= 1.
    [[nodiscard]] std::uint64_t quantile(double share) const {
        const auto rank =
            static_cast<std::uint64_t>(std::llround(share * static_cast<double>(count_)));
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
            seen += counts_[bucket];
            if (seen >= rank && seen > 0) {
                return std::min(upper_end_of(bucket), max_);
            }
        }
        return max_;
    }

  private:
    static constexpr unsigned kLinearBits = 7;
    static constexpr std::uint64_t kLinear = 1U << kLinearBits;

    static std::size_t bucket_of(std::uint64_t value) {
        if (value < kLinear) {
            return value;
        }
        const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kLinearBits - 1;
        return (shift + 1) * kLinear + ((value >> shift) - kLinear);
    }
    static std::uint64_t upper_end_of(std::size_t bucket) {
        if (bucket < kLinear) {
            return bucket;
        }
        const std::size_t shift = bucket / kLinear - 1;
        return ((kLinear + bucket % kLinear + 1) << shift) - 1;
    }

    std::array<std::uint64_t, (64 - kLinearBits + 1) * kLinear> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace shikaku::bench
