// What a fault test tried and found: printed, and, when SHIKAKU_RELIABILITY_REPORT names a file,
// added to it as a row of the table in gateway/docs/reliability.md.
//
// SHIKAKU_RELIABILITY_LONG=1 asks for the long runs that the page is made of; without it the tests
// are short enough for every change.
#pragma once

#include <cstdint>
#include <string>

namespace shikaku::reliability {

[[nodiscard]] bool long_run();
// Of many operations, which are tried: every one in a long run, else every `step`th.
[[nodiscard]] inline int step_of(int step) {
    return long_run() ? 1 : step;
}
[[nodiscard]] std::string every(int step);  // "each of", "one in 9 of"

struct Row {
    std::string fault;    // "power cut"
    std::uint64_t tried;  // how often
    std::string outcome;  // what was lost, what was refused
    std::string how;      // in plain words
};
void report(const Row& row);

}  // namespace shikaku::reliability
