// shikaku-audit proof: fetches the receipt of one entry; proof verify checks one offline.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "gateway/programs/client/client_options.h"
#include "gateway/support/result.h"

namespace shikaku::programs {

class AuditProof {
  public:
    void add_to(CLI::App& command);
    int run() const;

  private:
    int fetch() const;
    int verify() const;
    // That the receipt is of the entry asked for.
    [[nodiscard]] Status check_index(const std::string& receipt) const;

    ClientOptions client_;
    CLI::App* verify_command_ = nullptr;
    CLI::Option* index_option_ = nullptr;
    std::uint64_t index_ = 0;
    std::string file_;
    std::string vkey_;
    bool json_ = false;
};

}  // namespace shikaku::programs
