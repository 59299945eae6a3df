// shikaku-audit verify: the whole log, from the database file, a folder of tiles, or over HTTPS.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "gateway/app/client_options.h"
#include "gateway/audit/verifier.h"

namespace shikaku::app {

class AuditVerify {
  public:
    void add_to(CLI::App& command);
    // 0: as signed; 1: not; 2: wrong use; 3: could not reach.
    int run() const;

  private:
    audit::VerifyResult verify(const audit::VerifyProgress& progress) const;

    ClientOptions client_;
    std::string database_;
    std::string keyring_;
    std::string tiles_;
    std::string vkey_;
    bool json_ = false;
};

}  // namespace shikaku::app
