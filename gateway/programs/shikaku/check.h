// What `shikaku check` does beyond reading the configuration: everything that serve would load is
// loaded, the log's signer and the adapters are built, and what is wrong is named, all of it at
// once. Nothing is written, nobody but name servers is asked.
#pragma once

#include <string>
#include <vector>

#include "gateway/app/config.h"
#include "gateway/support/clock.h"

namespace shikaku::app {

struct Checked {
    std::vector<std::string> facts;     // until when what holds, the log's verifier key
    std::vector<std::string> warnings;  // what serve would start with, and be refused by others for
    std::vector<std::string> problems;  // empty: usable
};

[[nodiscard]] Checked check(const Config& config, const Clock& clock);

}  // namespace shikaku::app
