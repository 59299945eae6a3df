#include "gateway/http/http_metrics.h"

namespace shikaku::http {
namespace {

constexpr std::array<const char*, kPhases> kPhaseNames = {"handshake", "idle",  "header", "body",
                                                          "serving",   "write", "linger"};
constexpr std::array<std::string_view, kBounds> kBoundNames = {"total",
                                                               "certificate",
                                                               "address",
                                                               "handshake",
                                                               "full_handshakes_network",
                                                               "full_handshakes_client"};
constexpr std::array<const char*, 6> kClassNames = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};

prometheus::Counter& handshakes(const std::string& port, const char* result) {
    return counter("shikaku_http_handshakes_total", "TLS handshakes by result",
                   {{"port", port}, {"result", result}});
}

prometheus::Counter& bodies_refused(const std::string& port, const char* reason) {
    return counter("shikaku_http_bodies_refused_total",
                   "Bodies not read because too many bytes of others are in memory",
                   {{"port", port}, {"reason", reason}});
}

prometheus::Counter& responses_refused(const std::string& port, const char* reason) {
    return counter("shikaku_http_responses_refused_total",
                   "Answers given up because too many bytes of others are not read yet",
                   {{"port", port}, {"reason", reason}});
}

prometheus::Counter& trust_lost(const std::string& port, const char* why) {
    return counter("shikaku_http_trust_lost_total",
                   "Open connections ended: the client's certificate, its chain or a CRL expired, "
                   "or what a reload brought refuses it",
                   {{"port", port}, {"why", why}});
}

}  // namespace

std::string_view name(Bound bound) {
    return kBoundNames[static_cast<std::size_t>(bound)];
}

HttpMetrics::HttpMetrics(const std::string& of_port)
    : port(of_port),
      open_connections(gauge("shikaku_http_connections", "Connections open now", {{"port", port}})),
      connections(
          counter("shikaku_http_connections_total", "Connections accepted", {{"port", port}})),
      accept_errors(counter("shikaku_http_accept_errors_total",
                            "Failures to accept, as when descriptors run out", {{"port", port}})),
      handshakes_full(handshakes(port, "full")),
      handshakes_resumed(handshakes(port, "resumed")),
      handshakes_failed(handshakes(port, "failed")),
      bodies_refused_client(bodies_refused(port, "client")),
      bodies_refused_total(bodies_refused(port, "total")),
      responses_refused_client(responses_refused(port, "client")),
      responses_refused_total(responses_refused(port, "total")),
      trust_expired(trust_lost(port, "expired")),
      trust_lost_by_reload(trust_lost(port, "reload")),
      bugs(counter("shikaku_http_bugs_total", "Exceptions that no handler should let out",
                   {{"port", port}})) {
    for (std::size_t i = 0; i < kBounds; ++i) {
        const Labels labels = {{"port", port}, {"reason", std::string(kBoundNames[i])}};
        refused_[i] = &counter("shikaku_http_connections_refused_total",
                               "Connections over a bound, closed at once", labels);
        closed_for_others_[i] = &counter("shikaku_http_connections_closed_for_others_total",
                                         "Connections closed to make room for others", labels);
    }
    for (std::size_t i = 0; i < classes_.size(); ++i) {
        classes_[i] = &counter("shikaku_http_responses_total", "Responses by status class",
                               {{"port", port}, {"class", kClassNames[i]}});
    }
    for (std::size_t i = 0; i < refusals_.size(); ++i) {
        refusals_[i] =
            &counter("shikaku_tls_refusals_total", "Clients refused by TLS, by reason",
                     {{"port", port}, {"reason", std::string(name(static_cast<TlsRefusal>(i)))}});
    }
    for (std::size_t i = 0; i < timeouts_.size(); ++i) {
        timeouts_[i] = &counter("shikaku_http_timeouts_total", "Waits that passed their deadline",
                                {{"port", port}, {"phase", kPhaseNames[i]}});
    }
}

}  // namespace shikaku::http
