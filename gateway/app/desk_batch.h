// shikaku-desk batch: many questions in one go, e.g. tomorrow's appointments.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "gateway/app/client_options.h"
#include "gateway/support/json.h"

namespace shikaku::app {

class DeskBatch {
  public:
    void add_to(CLI::App& command);
    // 0: every line has an answer that is not an error; 1: some line is refused; 3: no answer.
    int run(bool colour);

  private:
    struct Line {
        std::string title;
        std::string question;
    };
    [[nodiscard]] Result<std::vector<Line>> lines() const;
    int print(const std::vector<Line>& asked, const std::string& answers, bool colour) const;

    ClientOptions client_;
    std::string questions_file_;
    std::vector<std::string> cards_;
    std::string service_date_;
    bool json_ = false;
};

}  // namespace shikaku::app
