// What operators are told about one source: its look-ups by result, their latency, how old its data
// is and whether it is paused, as metrics with the authority's code; and in the process log each
// kind of failure, at most once every bounds::kSourceFailureTold with how many there were, and that
// it answers again. Under its owner's lock.
#pragma once

#include <chrono>
#include <map>

#include "adapters/adapter.h"
#include "gateway/sources/breaker.h"
#include "gateway/support/metrics.h"

namespace shikaku::sources {

// Unix time, by authority; also of published data.
inline constexpr const char* kAsOfMetric = "shikaku_source_as_of_seconds";
inline constexpr const char* kAsOfHelp = "When the newest data of an authority was true, Unix time";

class SourceWatch {
  public:
    using Time = Breaker::Time;
    explicit SourceWatch(domain::AuthorityCode authority);

    void looked_up(const Result<adapters::Records>& said, std::chrono::nanoseconds took);
    void turned_away() { turned_away_.Increment(); }  // too many were waiting
    void not_asked() { not_asked_.Increment(); }      // paused
    void show(Breaker::State state);

    void answers(Time now);
    void fails(Time now, const Error& error);
    void pauses(Time now, std::chrono::milliseconds pause);

  private:
    struct Told {
        Time at{};
        std::int64_t since = 0;  // happened unsaid
    };
    // Nothing: said lately. Else how often it has happened, this time included.
    [[nodiscard]] std::optional<std::int64_t> may_tell(std::string_view kind, Time now);

    domain::AuthorityCode authority_;
    prometheus::Counter &answered_, &no_record_, &unavailable_, &timeout_, &refused_, &malformed_,
        &turned_away_, &not_asked_;
    prometheus::Histogram& seconds_;
    prometheus::Gauge &as_of_, &paused_;
    std::map<std::string_view, Told> told_;
    bool failure_was_last_ = false;  // of what the log says
};

}  // namespace shikaku::sources
