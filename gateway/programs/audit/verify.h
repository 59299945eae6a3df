// shikaku-audit verify: the whole log, from its files, a folder of tiles, or over HTTPS; with
// --since also that it still begins with what somebody kept.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

#include "gateway/audit/verifier.h"
#include "gateway/programs/client/client_options.h"

namespace shikaku::programs {

class AuditVerify {
  public:
    void add_to(CLI::App& command);
    // 0: as signed; 1: not; 2: wrong use; 3: could not be read or reached.
    int run() const;

  private:
    audit::VerifyResult verify(std::span<const audit::KeptCheckpoint> kept,
                               const audit::VerifyProgress& progress) const;

    ClientOptions client_;
    std::string database_;
    std::string keyring_;
    std::string tiles_;
    std::vector<std::string> since_;
    std::string vkey_;
    bool json_ = false;
};

}  // namespace shikaku::programs
