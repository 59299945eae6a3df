// shikaku-desk check: one card, one answer.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "gateway/programs/client/client_options.h"
#include "gateway/programs/desk/card_reader.h"
#include "gateway/programs/desk/trouble.h"

namespace shikaku::programs {

class DeskCheck {
  public:
    void add_to(CLI::App& command);
    // As programs/client/exit_code.h says.
    int run(bool colour);

  private:
    [[nodiscard]] std::string question(const CardReader::Tapped& tapped) const;

    ClientOptions client_;
    DeskTrouble trouble_;
    CardReader reader_;
    std::string setting_, service_date_, priority_, known_content_hash_;
    bool receipt_ = false;
    bool explain_ = false;
    bool json_ = false;
};

}  // namespace shikaku::programs
