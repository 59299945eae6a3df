// shikaku-audit replay --index N: derives a logged answer again from its own entry and the scheme
// packs of that time, and compares. The entry comes with its proof, so a gateway cannot make one
// up.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "gateway/audit/entry.h"
#include "gateway/domain/scheme.h"
#include "gateway/programs/client/client_options.h"

namespace shikaku::programs {

class AuditReplay {
  public:
    void add_to(CLI::App& command);
    // 0: the same answer comes out, perhaps in another wording; 1: another one, or the entry is no
    // answer.
    int run() const;

  private:
    [[nodiscard]] Result<std::string> fetch(http::Client& client, const std::string& target) const;
    // Of what the version says, by its hash.
    [[nodiscard]] Result<std::string> fetch_pack(http::Client& client, std::string_view route,
                                                 domain::AuthorityCode authority,
                                                 const std::string& version) const;
    [[nodiscard]] int run_checkups(http::Client& client, const audit::OpenedEntry& entry) const;
    [[nodiscard]] Result<audit::OpenedEntry> proven_entry(http::Client& client) const;

    ClientOptions client_;
    std::uint64_t index_ = 0;
    std::string vkey_;
    bool json_ = false;
};

}  // namespace shikaku::programs
