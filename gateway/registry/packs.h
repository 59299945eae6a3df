// The packs of all record sets: what an authority says of its programmes, as data. Accepting one,
// keeping every version, and which is in force. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gateway/registry/logged_changes.h"
#include "gateway/registry/record_kind.h"
#include "gateway/storage/ports/registry_storage.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::registry {

class Packs {
  public:
    Packs(storage::RegistryStorage& store, LoggedChanges& changes, const Clock& clock,
          const RecordKinds& kinds);

    // Reads the packs in force from the store. corrupt: one of them can no longer be read.
    [[nodiscard]] Status load();

    struct Kept {
        AnyPack pack;
        std::string version;
        Instant accepted{};
    };
    using InForce = std::map<RecordSet, Kept>;
    [[nodiscard]] std::shared_ptr<const InForce> in_force() const;
    [[nodiscard]] AnyPack in_force(RecordSet set) const;  // null: none

    // Also an old one: replaying a logged answer needs it. not_found; corrupt: what is stored there
    // is not the one that the version names.
    [[nodiscard]] Result<AnyPack> pack(RecordSet set, const std::string& version) const;
    // Its bytes as they were published.
    [[nodiscard]] Result<std::string> text(RecordSet set, const std::string& version) const;

    // Checks the pack, runs its examples, logs (scheme_change), then puts it in force. A refused
    // one gives its problems and no read.pack; the pack in force stays.
    struct Outcome {
        PackRead read;
        std::string version;
        std::uint64_t log_index = 0;
    };
    [[nodiscard]] Result<Outcome> put(RecordSet set, std::string_view pack,
                                      std::string_view caller);

  private:
    [[nodiscard]] Result<storage::PackRow> stored(RecordSet set, const std::string& version) const;
    [[nodiscard]] Result<Kept> read(RecordSet set, const std::string& version) const;
    void swap_in(std::shared_ptr<const InForce> in_force);

    storage::RegistryStorage& store_;
    LoggedChanges& changes_;
    const Clock& clock_;
    const RecordKinds& kinds_;
    std::mutex changing_;  // one change at a time
    mutable Mutex mutex_;
    std::shared_ptr<const InForce> in_force_ SHIKAKU_GUARDED_BY(mutex_);
};

}  // namespace shikaku::registry
