#include "gateway/app/expiries.h"

#include <algorithm>
#include <limits>

#include "gateway/support/bounds.h"
#include "gateway/support/metrics.h"

namespace shikaku::app {
namespace {

constexpr double kDay = 86'400;

prometheus::Gauge& days_gauge(const std::string& what, std::size_t number) {
    return gauge("shikaku_expiry_days", "Days until it expires; number 1 is the first of its kind",
                 {{"what", what}, {"number", std::to_string(number)}});
}

}  // namespace

void Expiries::add(Dates& dates, const http::TlsContext& context, const std::string& certificate,
                   const std::string& ca, const std::string& crl) {
    for (const http::Expiry& expiry : context.expiries()) {
        switch (expiry.what) {
            case http::Expiry::What::certificate:
                dates.emplace(certificate, expiry.at);
                break;
            case http::Expiry::What::authority:
                dates.emplace(ca, expiry.at);
                break;
            case http::Expiry::What::crl:
                dates.emplace(crl, expiry.at);
                break;
        }
    }
}

void Expiries::replace(Dates dates) {
    const Lock lock(mutex_);
    dates_ = std::move(dates);
    for (const auto& [what, at] : dates_)
        gauges_.try_emplace(what);
}

void Expiries::show(std::time_t now) {
    const Lock lock(mutex_);
    for (auto& [what, gauges] : gauges_) {
        std::vector<std::time_t> days;
        const auto [first, last] = dates_.equal_range(what);
        for (auto date = first; date != last; ++date)
            days.push_back(date->second);
        std::ranges::sort(days);
        days.resize(std::min(days.size(), bounds::kExpiriesTold));
        while (gauges.size() < days.size())
            gauges.push_back(&days_gauge(what, gauges.size() + 1));
        for (std::size_t i = 0; i < gauges.size(); ++i)
            gauges[i]->Set(i < days.size() ? static_cast<double>(days[i] - now) / kDay
                                           : std::numeric_limits<double>::quiet_NaN());
    }
}

}  // namespace shikaku::app
