// How far long work is: a bar that is drawn over itself on a terminal, elsewhere one plain line for
// each tenth. The whole is in bytes, rows or whatever advances.
#pragma once

#include <cstdint>
#include <ostream>

namespace shikaku::programs {

class Progress {
  public:
    Progress(std::ostream& out, std::uint64_t whole, bool terminal);
    void advance(std::uint64_t done, std::uint64_t rows);
    void finish();

  private:
    std::ostream& out_;
    std::uint64_t whole_;
    bool terminal_;
    int shown_ = -1;  // percent
};

}  // namespace shikaku::programs
