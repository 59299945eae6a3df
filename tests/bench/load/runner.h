// Drives the connections from one thread and keeps the figures.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "tests/bench/load/endpoint.h"
#include "tests/bench/load/histogram.h"
#include "tests/bench/load/requests.h"

namespace shikaku::bench {

struct RunOptions {
    std::size_t connections = 32;
    std::chrono::milliseconds warm_up{300};  // sent and checked, not counted
    std::chrono::milliseconds duration{3000};
    // 0: closed loop, each connection asks again at once. Otherwise requests start at this rate
    // whatever the answers do, and latency counts from when a request should have started, so that
    // a server that stands still is seen by every request that would have come (no coordinated
    // omission).
    double rate = 0;
    // A new connection for each request; latency counts from connect(). With resume, by ticket.
    bool reconnect = false;
    bool resume = false;
    int expected_status = 200;
    int sent_away_status = 0;     // expected too, but no answer: counted, not timed; 0: none
    std::string expected_text;    // somewhere in the body
    bool whatever_comes = false;  // no answer is unexpected, connections may end: for who attacks
    pid_t server = 0;             // whose CPU time to read; 0: none
};

struct RunResult {
    Histogram latency;
    std::map<int, std::uint64_t> statuses;
    std::uint64_t unexpected = 0;  // answers with another status or text
    std::uint64_t lost = 0;        // connections that ended before the answer
    std::uint64_t late = 0;   // should have started when time was up, or had no answer for long
    std::uint64_t asked = 0;  // what started, or should have
    bool ran_out = false;     // of requests: the window ended there
    std::uint64_t resumed = 0;
    std::string first_unexpected;  // status and beginning of its body
    std::size_t body_bytes = 0;    // of the last expected answer
    double seconds = 0;
    double own_cpu_seconds = 0;
    double server_cpu_seconds = 0;
};

[[nodiscard]] RunResult run(const Endpoint& endpoint, Requests& requests,
                            const RunOptions& options);

// Opens connections, asks once on each, prints {"open": n} and holds them until standard input
// ends. Returns how many were still open then.
[[nodiscard]] std::size_t hold(const Endpoint& endpoint, Requests& requests,
                               std::size_t connections);

}  // namespace shikaku::bench
