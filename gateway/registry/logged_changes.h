// What changes the registry is logged before it happens, and the two never part unseen.
//
// registry.db writes down what is about to be logged (an intent) and, with the change itself, how
// far into the log it goes. So start can tell two things apart: a crash between entry and change
// (the intent stands: the log gets the entry that undoes the first), and a registry.db older than
// the log (no intent: nothing starts, because it would answer from what was in force then).
// Thread-safe; one change of an authority and kind at a time.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gateway/audit/log.h"
#include "gateway/domain/numbers.h"
#include "gateway/storage/registry_store.h"

namespace shikaku::registry {

class LoggedChanges {
  public:
    LoggedChanges(storage::RegistryStore& store, audit::Log& log) : store_(store), log_(log) {}

    // At start, before anything is asked or published. corrupt: registry.db is older or newer than
    // the log; the detail names authorities and what to do.
    [[nodiscard]] Status hold_against_log();

    // By an operator's word instead, after registry.db was lost or an older one put in its place:
    // the authorities that it lacks changes of have nothing in force until they publish again, and
    // the log says so. Their codes. conflict: nothing is missing.
    [[nodiscard]] Result<std::vector<domain::AuthorityCode>> continue_after_loss(
        std::string_view reason);

    // Writes down the intent, then logs the change; the index of its entry. After an error the
    // change must not happen; after success it happens, or undo() is called.
    [[nodiscard]] Result<std::uint64_t> log(const storage::IntentRow& intent, audit::Detail detail,
                                            std::string_view caller);
    // What was logged did not happen: logs that. What cannot be logged now is before the
    // authority's next change, or at the next start.
    void undo(const storage::IntentRow& intent, std::string_view caller);

  private:
    [[nodiscard]] Status try_undo(const storage::IntentRow& intent, std::string_view caller,
                                  std::string_view reason);

    storage::RegistryStore& store_;
    audit::Log& log_;
    using Key = std::pair<storage::AuthorityNumber, storage::IntentRow::Kind>;
    struct Unsettled {
        storage::IntentRow intent;
        std::string caller;
    };
    std::mutex mutex_;
    std::map<Key, Unsettled> unsettled_;
};

// Whether the log tells of any switch or pack: then a registry.db that is not there was lost.
[[nodiscard]] Result<bool> tells_of_registry(const audit::Log& log);

}  // namespace shikaku::registry
