// Counters and histograms for Prometheus (prometheus-cpp). One registry for the process; labels
// come from closed sets only (never a person, an institution or free text).
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <map>
#include <string>

namespace shikaku {

using Labels = std::map<std::string, std::string>;

// The same name and labels give the same object; references stay valid for the process's life.
prometheus::Counter& counter(const std::string& name, const std::string& help,
                             const Labels& labels = {});
prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                         const Labels& labels = {});
prometheus::Histogram& latency_histogram(const std::string& name, const std::string& help,
                                         const Labels& labels = {});  // seconds

// Text exposition format 0.0.4.
[[nodiscard]] std::string render_metrics();

}  // namespace shikaku
