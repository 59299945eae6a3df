// What changes the registry is logged before it happens, and the two never part unseen.
//
// registry.db writes down what is about to be logged (an intent) and, with the change itself, how
// far into the log it goes. So start can tell two things apart: a crash between entry and change
// (the intent stands: the log gets the entry that undoes the first), and a registry.db older than
// the log (no intent: nothing starts, because it would answer from what was in force then).
// Thread-safe; one change of an authority and kind at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/audit/log.h"
#include "gateway/domain/numbers.h"
#include "gateway/storage/ports/registry_storage.h"

namespace shikaku::registry {

class LoggedChanges {
  public:
    LoggedChanges(storage::RegistryStorage& store, audit::Log& log) : store_(store), log_(log) {}

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
    // After a change that was logged and failed: logs that it did not happen, unless it did after
    // all, which its intent tells, for it ends in one transaction with the change. What cannot be
    // logged now is before the authority's next change, by settle(), or at the next start.
    void undo(const storage::IntentRow& intent, std::string_view caller);
    // At stop, when nothing is changed any more: logs of every intent that stands that it did not
    // happen. After an error no stop may be logged: an intent from before a stop is taken for that
    // of an older registry.db.
    [[nodiscard]] Status settle();

  private:
    [[nodiscard]] Status try_undo(const storage::IntentRow& intent, std::string_view caller,
                                  std::string_view reason);
    [[nodiscard]] Status undo_standing(const std::function<bool(const storage::IntentRow&)>& which,
                                       std::string_view caller);

    storage::RegistryStorage& store_;
    audit::Log& log_;
};

// Whether the log tells of any switch or pack: then a registry.db that is not there was lost.
[[nodiscard]] Result<bool> tells_of_registry(const audit::Log& log);

}  // namespace shikaku::registry
