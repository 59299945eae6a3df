// shikaku-desk checkups: one card, what its municipality knows of checkups.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "gateway/programs/client/client_options.h"
#include "gateway/programs/desk/card_reader.h"
#include "gateway/programs/desk/trouble.h"

namespace shikaku::programs {

class DeskCheckups {
  public:
    void add_to(CLI::App& command);
    int run(bool colour);

  private:
    [[nodiscard]] std::string question(const CardReader::Tapped& tapped) const;

    ClientOptions client_;
    DeskTrouble trouble_;
    CardReader reader_;
    std::string service_date_;
    bool receipt_ = false;
    bool json_ = false;
};

// 0: something was found; 1: the answer is that there is nothing; 2: the question was refused as
// wrong; 3: not known, or no answer: this is no "no".
[[nodiscard]] int checkups_exit_code(int http_status, const Json& answer);

}  // namespace shikaku::programs
