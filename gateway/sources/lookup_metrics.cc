#include "gateway/sources/lookup_metrics.h"

namespace shikaku::sources {
namespace {

prometheus::Counter& look_ups(const char* result) {
    return counter("shikaku_source_lookups_total", "Look-ups at live sources by their end",
                   {{"result", result}});
}

}  // namespace

LookupMetrics::LookupMetrics()
    : answered_(look_ups("answered")),
      no_record_(look_ups("no_record")),
      unavailable_(look_ups("unavailable")),
      timeout_(look_ups("timeout")),
      refused_(look_ups("refused")),
      malformed_(look_ups("malformed")),
      turned_away_(look_ups("turned_away")),
      seconds_(latency_histogram("shikaku_source_lookup_seconds",
                                 "Time a live source took, late answers included")) {}

void LookupMetrics::count(const Result<adapters::Records>& said, std::chrono::nanoseconds took) {
    seconds_.Observe(std::chrono::duration<double>(took).count());
    if (said) {
        (said->entitlements.empty() && !said->ambiguous ? no_record_ : answered_).Increment();
        return;
    }
    switch (said.error().code) {
        case ErrorCode::source_timeout:
            return timeout_.Increment();
        case ErrorCode::source_refused:
            return refused_.Increment();
        case ErrorCode::source_malformed:
            return malformed_.Increment();
        default:
            return unavailable_.Increment();
    }
}

}  // namespace shikaku::sources
