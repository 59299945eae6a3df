#include "gateway/http/http_metrics.h"

namespace shikaku::http {
namespace {

constexpr std::array<const char*, kPhases> kPhaseNames = {"handshake", "idle",  "header", "body",
                                                          "serving",   "write", "linger"};
constexpr std::array<const char*, 6> kClassNames = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};

prometheus::Counter& handshakes(const std::string& port, const char* result) {
    return counter("shikaku_http_handshakes_total", "TLS handshakes by result",
                   {{"port", port}, {"result", result}});
}

}  // namespace

HttpMetrics::HttpMetrics(const std::string& port)
    : open_connections(gauge("shikaku_http_connections", "Connections open now", {{"port", port}})),
      connections(
          counter("shikaku_http_connections_total", "Connections accepted", {{"port", port}})),
      connections_refused(counter("shikaku_http_connections_refused_total",
                                  "Connections over the limit, closed at once", {{"port", port}})),
      accept_errors(counter("shikaku_http_accept_errors_total",
                            "Failures to accept, as when descriptors run out", {{"port", port}})),
      handshakes_full(handshakes(port, "full")),
      handshakes_resumed(handshakes(port, "resumed")),
      handshakes_failed(handshakes(port, "failed")),
      bugs(counter("shikaku_http_bugs_total", "Exceptions that no handler should let out",
                   {{"port", port}})) {
    for (std::size_t i = 0; i < classes_.size(); ++i) {
        classes_[i] = &counter("shikaku_http_responses_total", "Responses by status class",
                               {{"port", port}, {"class", kClassNames[i]}});
    }
    for (std::size_t i = 0; i < timeouts_.size(); ++i) {
        timeouts_[i] = &counter("shikaku_http_timeouts_total", "Waits that passed their deadline",
                                {{"port", port}, {"phase", kPhaseNames[i]}});
    }
}

}  // namespace shikaku::http
