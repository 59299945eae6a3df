#include "gateway/sources/source_watch.h"

#include <utility>

#include "gateway/support/bounds.h"
#include "gateway/support/log.h"

namespace shikaku::sources {
namespace {

Labels labels_of(domain::AuthorityCode authority) {
    return {{"authority", std::string(authority.text())}};
}

prometheus::Counter& look_ups(domain::AuthorityCode authority, const char* result) {
    Labels labels = labels_of(authority);
    labels.emplace("result", result);
    return counter("shikaku_source_lookups_total", "Look-ups at live sources by their end", labels);
}

}  // namespace

SourceWatch::SourceWatch(domain::AuthorityCode authority)
    : authority_(authority),
      answered_(look_ups(authority, "answered")),
      no_record_(look_ups(authority, "no_record")),
      unavailable_(look_ups(authority, "unavailable")),
      timeout_(look_ups(authority, "timeout")),
      refused_(look_ups(authority, "refused")),
      malformed_(look_ups(authority, "malformed")),
      turned_away_(look_ups(authority, "turned_away")),
      not_asked_(look_ups(authority, "not_asked")),
      seconds_(latency_histogram("shikaku_source_lookup_seconds",
                                 "Time a live source took, late answers included",
                                 labels_of(authority))),
      as_of_(gauge(kAsOfMetric, kAsOfHelp, labels_of(authority))),
      paused_(gauge("shikaku_source_paused",
                    "1: the source failed so often that only a probe at a time asks it",
                    labels_of(authority))) {}

void SourceWatch::looked_up(const Result<adapters::Records>& said, std::chrono::nanoseconds took) {
    seconds_.Observe(std::chrono::duration<double>(took).count());
    if (said) {
        (said->entitlements.empty() && !said->ambiguous ? no_record_ : answered_).Increment();
        as_of_.Set(std::chrono::duration<double>(said->as_of.time_since_epoch()).count());
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

void SourceWatch::show(Breaker::State state) {
    paused_.Set(state == Breaker::State::closed ? 0 : 1);
}

std::optional<std::int64_t> SourceWatch::may_tell(std::string_view kind, Time now) {
    const auto [told, first] = told_.try_emplace(kind);
    ++told->second.since;
    if (!first && now - told->second.at < bounds::kSourceFailureTold) return std::nullopt;
    told->second.at = now;
    return std::exchange(told->second.since, 0);
}

void SourceWatch::answers(Time now) {
    if (!failure_was_last_ || !may_tell("answers", now)) return;
    failure_was_last_ = false;
    log_info("source answers", {{"authority", authority_.text()}});
}

void SourceWatch::fails(Time now, const Error& error) {
    const auto times = may_tell(name(error.code), now);
    if (!times) return;
    failure_was_last_ = true;
    log_warn("source fails", {{"authority", authority_.text()},
                              {"error", name(error.code)},
                              {"detail", error.detail},
                              {"place", error.pointer},
                              {"times", *times}});
}

void SourceWatch::pauses(Time now, std::chrono::milliseconds pause) {
    const auto times = may_tell("paused", now);
    if (!times) return;
    failure_was_last_ = true;
    log_warn("source is paused: it failed too often in a row",
             {{"authority", authority_.text()}, {"pause_ms", pause.count()}, {"times", *times}});
}

}  // namespace shikaku::sources
