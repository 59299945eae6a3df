#include "tests/reliability/report.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace shikaku::reliability {

bool long_run() {
    const char* const asked = std::getenv("SHIKAKU_RELIABILITY_LONG");
    return asked != nullptr && std::string_view(asked) == "1";
}

std::string every(int step) {
    return step == 1 ? "each of" : fmt::format("one in {} of", step);
}

void report(const Row& row) {
    const auto line =
        fmt::format("| {} | {} | {} | {} |\n", row.fault, row.tried, row.outcome, row.how);
    std::cout << line;
    if (const char* const file = std::getenv("SHIKAKU_RELIABILITY_REPORT"))
        std::ofstream(file, std::ios::app) << line;
}

}  // namespace shikaku::reliability
