// shikaku-publish checkup-pack FILE: puts a checkup pack in force; with --check only runs its
// examples here, and sends nothing.
#pragma once

#include <string>

#include "gateway/programs/client/client_options.h"

namespace shikaku::programs {

class PublishCheckupPack {
  public:
    explicit PublishCheckupPack(const ClientOptions& client) : client_(client) {}
    void add_to(CLI::App& command);
    [[nodiscard]] int run();

  private:
    [[nodiscard]] int check(const std::string& pack) const;
    [[nodiscard]] int send(std::string pack) const;

    const ClientOptions& client_;
    std::string file_;
    bool check_ = false;
    bool json_ = false;
};

}  // namespace shikaku::programs
