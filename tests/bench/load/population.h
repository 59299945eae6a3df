// Numbered synthetic people as a recipients CSV (gateway/docs/recipient-columns.md), at any size,
// in constant memory.
#pragma once

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace shikaku::bench {

struct PopulationPlan {
    std::string file;
    std::uint64_t people = 100'000;  // one entitlement each
    std::string scheme_id = "maru-ko";
    std::string certificate_type_id = "maru-ko";
    std::string payer_number = "88131248";
    std::string income_segment;
    std::string designated_institution;
    int age = 9;  // years, today
};

void add_population_options(CLI::App& command, PopulationPlan& plan);
// Valid from a year ago's 1 April to the end of the next fiscal year.
void write_population(const PopulationPlan& plan);

}  // namespace shikaku::bench
