// What shikaku-audit prints: results in Japanese and English or as JSON, progress on a terminal as
// a bar and otherwise as lines.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/audit/receipt.h"
#include "gateway/audit/verifier.h"

namespace shikaku::programs {

class ProgressReport {
  public:
    explicit ProgressReport(bool quiet);
    void show(std::uint64_t done, std::uint64_t total);
    void clear();  // takes the bar away

  private:
    bool quiet_;
    bool terminal_;
    int percent_ = -1;
};

// A receipt that belongs to another entry proves nothing about the one asked for.
[[nodiscard]] std::string not_the_entry(std::uint64_t asked, std::uint64_t given);

// Both return the exit code.
int report_verification(const audit::VerifyResult& result, bool json);
int report_receipt(const audit::VerifiedReceipt& receipt, bool json);

}  // namespace shikaku::programs
