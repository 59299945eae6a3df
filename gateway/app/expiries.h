// When what the gateway rests on expires, as metrics: days left, of each kind the earliest
// bounds::kExpiriesTold. Written at start and reload, read at every scrape; any thread.
#pragma once

#include <prometheus/gauge.h>

#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "gateway/http/tls.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::app {

class Expiries {
  public:
    // Dates by kind, a closed set of names: "server_certificate", "client_ca", ...
    using Dates = std::multimap<std::string, std::time_t>;

    // Adds the dates of a context under these kinds.
    static void add(Dates& dates, const http::TlsContext& context, const std::string& certificate,
                    const std::string& ca, const std::string& crl);

    void replace(Dates dates);
    // Sets the gauges: shikaku_expiry_days{what, number}; number 1 expires first. Of a date that is
    // gone the gauge says NaN.
    void show(std::time_t now);

  private:
    Mutex mutex_;
    Dates dates_ SHIKAKU_GUARDED_BY(mutex_);
    std::map<std::string, std::vector<prometheus::Gauge*>> gauges_ SHIKAKU_GUARDED_BY(mutex_);
};

}  // namespace shikaku::app
