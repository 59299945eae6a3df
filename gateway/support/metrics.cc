#include "gateway/support/metrics.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace shikaku {
namespace {

// Never destroyed: references given out stay valid even for code that runs at exit.
prometheus::Registry& registry() {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): owned by the process
    static auto* const instance = new prometheus::Registry();
    return *instance;
}

// Dense around the few milliseconds an answer may take, up to the deadline of all sources and
// beyond.
const prometheus::Histogram::BucketBoundaries kLatencyBuckets{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,   0.1,     0.25,   0.5,   1.0,    2.0,   3.0,  5.0};

}  // namespace

prometheus::Counter& counter(const std::string& name, const std::string& help,
                             const Labels& labels) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Histogram& latency_histogram(const std::string& name, const std::string& help,
                                         const Labels& labels) {
    return prometheus::BuildHistogram()
        .Name(name)
        .Help(help)
        .Register(registry())
        .Add(labels, kLatencyBuckets);
}

std::string render_metrics() {
    return prometheus::TextSerializer().Serialize(registry().Collect());
}

}  // namespace shikaku
