// shikaku-publish schemes FILE --check [--against OLD]: whoever changes a rule sees at their own
// desk which examples fail, and which answers change from which day on. Nothing is sent.
#pragma once

#include <string>

namespace shikaku::programs {

struct PackCheck {
    std::string file;
    std::string against;  // the pack in force until now; empty: compare with nothing
    bool json = false;
};

// 0: it can be put in force; 1: examples fail, or it is no scheme pack; 2: a file cannot be read,
// or `against` is no pack of the same authority.
[[nodiscard]] int check_pack(const PackCheck& check);

}  // namespace shikaku::programs
