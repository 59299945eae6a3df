// What a server counts, by port ("api", "ops"): connections, handshakes, answers, time-outs, bugs.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "gateway/http/tls_refusal.h"
#include "gateway/support/metrics.h"

namespace shikaku::http {

// What a connection is doing; a time-out is counted under it.
enum class Phase : std::uint8_t { handshake, idle, header, body, serving, write, linger };
inline constexpr std::size_t kPhases = 7;

// Which bound a connection met, see connection_table.h.
enum class Bound : std::uint8_t {
    total,
    certificate,
    address,
    handshake,
    network_pace,
    client_pace,
};
inline constexpr std::size_t kBounds = 6;
[[nodiscard]] std::string_view name(Bound bound);

struct HttpMetrics {
    explicit HttpMetrics(const std::string& of_port);

    void answered(int status) { classes_[static_cast<std::size_t>(status / 100) % 6]->Increment(); }
    void refused(TlsRefusal why) { refusals_[static_cast<std::size_t>(why)]->Increment(); }
    void timed_out(Phase phase) { timeouts_[static_cast<std::size_t>(phase)]->Increment(); }

    void refused(Bound bound) { refused_[static_cast<std::size_t>(bound)]->Increment(); }
    void closed_for_another(Bound bound) {
        closed_for_others_[static_cast<std::size_t>(bound)]->Increment();
    }

    const std::string port;
    prometheus::Gauge& open_connections;
    prometheus::Counter& connections;
    prometheus::Counter& accept_errors;
    prometheus::Counter& handshakes_full;
    prometheus::Counter& handshakes_resumed;
    prometheus::Counter& handshakes_failed;
    prometheus::Counter& bodies_refused_client;
    prometheus::Counter& bodies_refused_total;
    prometheus::Counter& responses_refused_client;
    prometheus::Counter& responses_refused_total;
    prometheus::Counter& trust_expired;
    prometheus::Counter& trust_lost_by_reload;
    prometheus::Counter& bugs;

  private:
    std::array<prometheus::Counter*, kBounds> refused_{};
    std::array<prometheus::Counter*, kBounds> closed_for_others_{};
    std::array<prometheus::Counter*, 6> classes_{};
    std::array<prometheus::Counter*, kPhases> timeouts_{};
    std::array<prometheus::Counter*, kTlsRefusals> refusals_{};
};

}  // namespace shikaku::http
