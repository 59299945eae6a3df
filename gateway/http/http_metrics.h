// What a server counts, by port ("api", "ops"): connections, handshakes, answers, time-outs, bugs.
#pragma once

#include <array>
#include <string>

#include "gateway/support/metrics.h"

namespace shikaku::http {

// What a connection is doing; a time-out is counted under it.
enum class Phase : std::uint8_t { handshake, idle, header, body, serving, write, linger };
inline constexpr std::size_t kPhases = 7;

struct HttpMetrics {
    explicit HttpMetrics(const std::string& port);

    void answered(int status) { classes_[static_cast<std::size_t>(status / 100) % 6]->Increment(); }
    void timed_out(Phase phase) { timeouts_[static_cast<std::size_t>(phase)]->Increment(); }

    prometheus::Gauge& open_connections;
    prometheus::Counter& connections;
    prometheus::Counter& connections_refused;
    prometheus::Counter& accept_errors;
    prometheus::Counter& handshakes_full;
    prometheus::Counter& handshakes_resumed;
    prometheus::Counter& handshakes_failed;
    prometheus::Counter& bugs;

  private:
    std::array<prometheus::Counter*, 6> classes_{};
    std::array<prometheus::Counter*, kPhases> timeouts_{};
};

}  // namespace shikaku::http
