// The cast of the demo: one card for each thing a desk can be told, and the people behind them.
#pragma once

#include <string>
#include <vector>

#include "municipal-mocks/population/certificates.h"
#include "municipal-mocks/population/synthetic.h"

namespace shikaku::mocks {

struct DemoCard {
    std::string id;
    std::string ja, en;  // what it shows
    Resident person;
    std::string residence = "132012";  // Hachioji
    bool consent = true;
    bool consent_checkups = false;
    std::string setting = "outpatient";
    std::string clinic = "clinic-a";  // who asks
    std::string outcome, reason;      // the answer to expect
    int phase = 1;  // 2: to be tapped after Tokyo's system has gone down; 3: about checkups

    [[nodiscard]] std::string json() const;
};

[[nodiscard]] std::vector<DemoCard> demo_cards(domain::Date today, Dice& dice,
                                               Certificates& certificates);

}  // namespace shikaku::mocks
