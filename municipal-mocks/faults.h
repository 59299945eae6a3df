// What goes wrong on purpose. A fault plan is a JSON file:
//
//   {"seed": 7, "faults": [{"kind": "delay", "chance": 0.2, "ms": 500},
//                          {"kind": "status", "chance": 0.1, "status": 503},
//                          {"kind": "garbage", "chance": 0.1},       bytes that are no JSON
//                          {"kind": "cut", "chance": 0.1, "bytes": 40},   the body ends there
//                          {"kind": "wrong_person", "chance": 0.1},  an answer about someone else
//                          {"kind": "hang", "chance": 0.1}]}         no answer at all
//
// For each request the dice are thrown for one fault after the other; delays add up, the first
// other fault that comes up is the one. `chance` is 1 when absent. The same seed and the same order
// of requests give the same faults.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "gateway/support/result.h"

namespace shikaku::mocks {

struct Fault {
    enum class Kind : std::uint8_t { none, delay, status, garbage, cut, wrong_person, hang };
    Kind kind = Kind::none;
    double chance = 1;
    int number = 0;  // ms, status or bytes
};

class FaultPlan {
  public:
    // bad_configuration: an unknown kind or member, a number out of range.
    [[nodiscard]] static Result<FaultPlan> parse(std::string_view text);
    FaultPlan() = default;

    struct Drawn {
        std::chrono::milliseconds delay{0};
        Fault fault;
    };
    [[nodiscard]] Drawn draw(std::mt19937_64& dice) const;
    [[nodiscard]] std::uint64_t seed() const { return seed_; }

  private:
    std::uint64_t seed_ = 0;
    std::vector<Fault> faults_;
};

}  // namespace shikaku::mocks
