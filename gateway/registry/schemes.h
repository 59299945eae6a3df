// The scheme packs in force as the one rule book that decides. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/registry/packs.h"
#include "gateway/registry/registry.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::registry {

class Schemes {
  public:
    explicit Schemes(Packs& packs);

    // After the packs were loaded.
    void load();

    [[nodiscard]] std::shared_ptr<const domain::RuleBook> rules() const;
    [[nodiscard]] Result<std::shared_ptr<const domain::SchemePack>> pack(
        domain::AuthorityCode authority, const std::string& version) const;
    void set_local_order(std::map<std::string, std::vector<std::string>, std::less<>> order);
    [[nodiscard]] Result<Registry::PackOutcome> put(domain::AuthorityCode authority,
                                                    std::string_view pack, std::string_view caller);

  private:
    void take(domain::RuleBook& rules) const;  // what is in force
    void swap_in(std::shared_ptr<const domain::RuleBook> rules);

    Packs& packs_;
    std::mutex changing_;  // one change of the rule book at a time
    mutable Mutex mutex_;
    std::shared_ptr<const domain::RuleBook> rules_ SHIKAKU_GUARDED_BY(mutex_);
};

}  // namespace shikaku::registry
