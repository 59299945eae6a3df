// What shikaku-publish shows: reports and refusals in Japanese and English, and how far an upload
// is.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

#include "gateway/registry/publication.h"

namespace shikaku::app {

void print_report(std::ostream& out, const registry::PublicationReport& report);
void print_rows(std::ostream& out, const std::vector<registry::RefusedRow>& rows);

// A bar that is drawn over itself on a terminal; elsewhere one plain line for each tenth.
class Progress {
  public:
    Progress(std::ostream& out, std::uint64_t bytes, bool terminal);
    void advance(std::uint64_t bytes_done, std::uint64_t rows);
    void finish();

  private:
    std::ostream& out_;
    std::uint64_t bytes_;
    bool terminal_;
    int shown_ = -1;  // percent
};

}  // namespace shikaku::app
