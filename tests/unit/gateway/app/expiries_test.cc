#include "gateway/app/expiries.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "gateway/support/bounds.h"
#include "gateway/support/metrics.h"

using namespace shikaku;

namespace {

double days_of(const char* what, int number) {
    return gauge("shikaku_expiry_days", "", {{"what", what}, {"number", std::to_string(number)}})
        .Value();
}

constexpr std::time_t kNow = 1'795'132'800;
constexpr std::time_t kDay = 86'400;

}  // namespace

TEST_CASE("days left are counted at every scrape, the first to expire first") {
    app::Expiries expiries;
    expiries.replace({{"test_crl", kNow + 20 * kDay},
                      {"test_crl", kNow + 10 * kDay},
                      {"test_ca", kNow - kDay / 2}});
    expiries.show(kNow);
    CHECK(days_of("test_crl", 1) == 10);
    CHECK(days_of("test_crl", 2) == 20);
    CHECK(days_of("test_ca", 1) == -0.5);
    expiries.show(kNow + kDay);
    CHECK(days_of("test_crl", 1) == 9);

    expiries.replace({{"test_crl", kNow + 30 * kDay}});
    expiries.show(kNow);
    CHECK(days_of("test_crl", 1) == 30);
    CHECK(std::isnan(days_of("test_crl", 2)));
    CHECK(std::isnan(days_of("test_ca", 1)));
}

TEST_CASE("however many expire, the metrics are bounded") {
    app::Expiries expiries;
    app::Expiries::Dates dates;
    for (int i = 0; i < 1000; ++i)
        dates.emplace("test_many", kNow + (1000 - i) * kDay);
    expiries.replace(dates);
    expiries.show(kNow);
    const std::string all = render_metrics();
    std::size_t series = 0;
    for (std::size_t at = all.find("what=\"test_many\""); at != std::string::npos;
         at = all.find("what=\"test_many\"", at + 1))
        ++series;
    CHECK(series == bounds::kExpiriesTold);
    CHECK(days_of("test_many", 1) == 1);
}
