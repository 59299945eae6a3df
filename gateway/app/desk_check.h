// shikaku-desk check: one card, one answer.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "gateway/app/card_reader.h"
#include "gateway/app/client_options.h"

namespace shikaku::app {

class DeskCheck {
  public:
    void add_to(CLI::App& command);
    // As desk_exit.h says.
    int run(bool colour);

  private:
    [[nodiscard]] std::string question(const CardReader::Tapped& tapped) const;

    ClientOptions client_;
    CardReader reader_;
    std::string setting_, service_date_, priority_, known_content_hash_;
    bool receipt_ = false;
    bool explain_ = false;
    bool json_ = false;
};

}  // namespace shikaku::app
