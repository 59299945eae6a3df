// Scheme packs of all authorities: accepting, keeping every version, and the rule book in force.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/registry/logged_changes.h"
#include "gateway/registry/registry.h"
#include "gateway/storage/ports/registry_storage.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::registry {

class Schemes {
  public:
    Schemes(storage::RegistryStorage& store, LoggedChanges& changes, const Clock& clock);

    // Reads the packs in force from the store. corrupt: one of them can no longer be read.
    [[nodiscard]] Status load();

    [[nodiscard]] std::shared_ptr<const domain::RuleBook> rules() const;
    [[nodiscard]] Result<std::shared_ptr<const domain::SchemePack>> pack(
        domain::AuthorityCode authority, const std::string& version) const;
    [[nodiscard]] Result<std::string> pack_text(domain::AuthorityCode authority,
                                                const std::string& version) const;
    void set_local_order(std::map<std::string, std::vector<std::string>, std::less<>> order);
    [[nodiscard]] Result<Registry::PackOutcome> put(domain::AuthorityCode authority,
                                                    std::string_view pack, std::string_view caller);

  private:
    struct Stored {
        std::shared_ptr<const domain::SchemePack> pack;
        Instant accepted{};
    };
    // corrupt: the pack stored there is not the one that the version names.
    [[nodiscard]] Result<storage::PackRow> stored_row(domain::AuthorityCode authority,
                                                      const std::string& version) const;
    [[nodiscard]] Result<Stored> read(domain::AuthorityCode authority,
                                      const std::string& version) const;
    void swap_in(std::shared_ptr<const domain::RuleBook> rules);

    storage::RegistryStorage& store_;
    LoggedChanges& changes_;
    const Clock& clock_;
    std::mutex changing_;  // one change of the rule book at a time
    mutable Mutex mutex_;
    std::shared_ptr<const domain::RuleBook> rules_ SHIKAKU_GUARDED_BY(mutex_);
};

}  // namespace shikaku::registry
