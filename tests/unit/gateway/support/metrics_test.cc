#include "gateway/support/metrics.h"

#include <catch2/catch.hpp>

namespace shikaku {
namespace {

TEST_CASE("the same name and labels give the same object, other labels another") {
    auto& first = counter("test_questions_total", "Questions.", {{"outcome", "eligible"}});
    auto& same = counter("test_questions_total", "Questions.", {{"outcome", "eligible"}});
    auto& other = counter("test_questions_total", "Questions.", {{"outcome", "unknown"}});
    CHECK(&first == &same);
    CHECK(&first != &other);
    for (int i = 0; i < 1000; ++i) {
        counter("test_many_total", "Many.", {{"i", std::to_string(i)}}).Increment();
    }
    CHECK(&first == &counter("test_questions_total", "Questions.", {{"outcome", "eligible"}}));
}

TEST_CASE("what is counted is rendered in the text format") {
    counter("test_rendered_total", "Rendered.", {{"kind", "a\"b"}}).Increment(3);
    gauge("test_depth", "Depth.").Set(7);
    latency_histogram("test_seconds", "Seconds.").Observe(0.003);
    const std::string text = render_metrics();
    CHECK_THAT(text, Catch::Contains("# HELP test_rendered_total Rendered.\n"));
    CHECK_THAT(text, Catch::Contains("# TYPE test_rendered_total counter\n"));
    CHECK_THAT(text, Catch::Contains("test_rendered_total{kind=\"a\\\"b\"} 3\n"));
    CHECK_THAT(text, Catch::Contains("\ntest_depth 7\n"));
    CHECK_THAT(text, Catch::Contains("test_seconds_bucket{le=\"0.0025\"} 0\n"));
    CHECK_THAT(text, Catch::Contains("test_seconds_bucket{le=\"0.005\"} 1\n"));
    CHECK_THAT(text, Catch::Contains("test_seconds_count 1\n"));
}

}  // namespace
}  // namespace shikaku
