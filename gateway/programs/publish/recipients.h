// shikaku-publish recipients FILE, and checkups FILE: pseudonymises, sends, waits for the report
// and prints it.
#pragma once

#include <string>

#include "gateway/programs/client/client_options.h"
#include "gateway/registry/record_kind.h"

namespace shikaku::programs {

class PublishRecords {
  public:
    PublishRecords(const ClientOptions& client, const registry::RecordKind& kind)
        : client_(client), kind_(kind) {}
    void add_to(CLI::App& command);
    [[nodiscard]] int run();

  private:
    const ClientOptions& client_;
    const registry::RecordKind& kind_;
    std::string file_;
    std::string mode_ = "full";
    std::string charset_ = "auto";
    std::string linkage_;
    std::string idempotency_key_;
    bool dry_run_ = false;
    bool json_ = false;
};

}  // namespace shikaku::programs
