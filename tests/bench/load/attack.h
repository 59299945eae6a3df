// Connections that do not ask and wait for answers: thousands that say nothing, bodies that
// trickle, handshakes without end. They come back as soon as the server ends them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/bench/load/endpoint.h"
#include "tests/bench/load/raw_connection.h"

namespace shikaku::bench {

struct AttackOptions {
    std::string kind;
    std::size_t connections = 64;
    std::size_t addresses = 1;  // that they come from
    std::chrono::milliseconds duration{3000};
};

struct AttackResult {
    Tally tally;
    std::size_t open_at_end = 0;  // that got as far as they wanted, or say nothing
    double seconds = 0;
};

// Their names, for the command line.
[[nodiscard]] std::vector<std::string> attacks();

[[nodiscard]] AttackResult attack(const EndpointOptions& endpoint, const AttackOptions& options);

}  // namespace shikaku::bench
