// What a desk is told when its question has no answer: the paper certificate, end or delete
// nothing, and whom to call.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "gateway/programs/client/no_answer.h"

namespace shikaku::programs {

class DeskTrouble {
  public:
    // Adds --support, with SHIKAKU_SUPPORT as its default.
    void add_to(CLI::App& command);
    [[nodiscard]] const std::string& support() const { return support_; }
    // On standard error, for people; the exit code.
    int report(const NoAnswer& why, bool colour) const;

  private:
    std::string support_;
};

}  // namespace shikaku::programs
