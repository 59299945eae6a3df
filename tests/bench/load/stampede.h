// Clients that were cut off all at once and come back at once, each from an address of its own;
// each has one question. Who is cut off or sent away again comes back a little later, as our desks
// do.
#pragma once

#include <cstdint>
#include <map>

#include "tests/bench/load/endpoint.h"
#include "tests/bench/load/requests.h"

namespace shikaku::bench {

struct StampedeResult {
    std::uint64_t answered = 0;
    std::uint64_t lost = 0;                 // connections, before an answer
    std::map<int, std::uint64_t> statuses;  // of all answers
    double seconds = 0;                     // until all were answered, or nobody waited any more
    double half_seconds = 0;                // until half of them were
};

[[nodiscard]] StampedeResult stampede(const Endpoint& endpoint, Requests& requests,
                                      std::size_t clients);

}  // namespace shikaku::bench
