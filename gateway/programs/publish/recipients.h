// shikaku-publish recipients FILE: pseudonymises, sends, waits for the report and prints it.
#pragma once

#include <string>

#include "gateway/programs/client/client_options.h"

namespace shikaku::programs {

class PublishRecipients {
  public:
    explicit PublishRecipients(const ClientOptions& client) : client_(client) {}
    void add_to(CLI::App& command);
    [[nodiscard]] int run();

  private:
    const ClientOptions& client_;
    std::string file_;
    std::string mode_ = "full";
    std::string charset_ = "auto";
    std::string linkage_;
    std::string idempotency_key_;
    bool dry_run_ = false;
    bool json_ = false;
};

}  // namespace shikaku::programs
