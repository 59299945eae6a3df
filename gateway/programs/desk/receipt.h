// shikaku-desk receipt verify FILE: checks offline, with nothing but the log's public key, that an
// answer is in the log and that the answer on file is the one that was logged.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace shikaku::programs {

class DeskReceipt {
  public:
    void add_to(CLI::App& command);
    // 0: proven; 1: not; 2: nothing to prove with.
    int run() const;

  private:
    std::string file_;
    std::string vkey_;
    bool json_ = false;
};

}  // namespace shikaku::programs
