// How look-ups at live sources end, and how long they take.
#pragma once

#include <chrono>

#include "adapters/adapter.h"
#include "gateway/support/metrics.h"

namespace shikaku::sources {

class LookupMetrics {
  public:
    LookupMetrics();
    void count(const Result<adapters::Records>& said, std::chrono::nanoseconds took);
    void turned_away() { turned_away_.Increment(); }

  private:
    prometheus::Counter &answered_, &no_record_, &unavailable_, &timeout_, &refused_, &malformed_,
        &turned_away_;
    prometheus::Histogram& seconds_;
};

}  // namespace shikaku::sources
