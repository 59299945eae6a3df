// Publications from begin to switch: one at a time for a record set, each in a staging area of its
// own, compared, held back or logged and switched in; released and rolled back.
//
// A generation is logged (publication, then registry_switch) before the transaction that makes it
// visible. What a crash leaves behind is taken out by recover(); a held publication survives it.
// Thread-safe; blocking.
#pragma once

#include <map>
#include <memory>

#include "gateway/registry/comparison.h"
#include "gateway/registry/intake.h"
#include "gateway/registry/logged_changes.h"
#include "gateway/registry/packs.h"
#include "gateway/registry/published.h"
#include "gateway/registry/upload_room.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::registry {

class Publisher {
  public:
    Publisher(storage::RegistryStorage& store, std::filesystem::path staging, const RowKeys& keys,
              audit::Log& log, LoggedChanges& changes, const Clock& clock, Published& published,
              const RecordKinds& kinds, const Packs& packs, UploadLimits limits);

    // At start, before anything is asked or published.
    [[nodiscard]] Status recover();

    [[nodiscard]] Result<std::unique_ptr<Publication>> begin(PublicationRequest request);
    [[nodiscard]] Result<PublicationReport> report(domain::AuthorityCode authority,
                                                   const std::string& id) const;
    [[nodiscard]] Result<std::string> errors_csv(domain::AuthorityCode authority,
                                                 const std::string& id) const;
    [[nodiscard]] Result<PublicationReport> release(domain::AuthorityCode authority,
                                                    const std::string& id, std::string_view reason,
                                                    std::string_view caller);
    [[nodiscard]] Result<PublicationReport> rollback(domain::AuthorityCode authority,
                                                     const std::string& id, std::string_view reason,
                                                     std::string_view caller);

    // Publications that were received before and are held still: nobody has released them.
    void reject_held_before(Instant time);

  private:
    class Upload;
    class Repeated;
    // The right to change a set; given back on destruction.
    class Claim;

    struct InFlight {
        std::string key;
        PublicationReport report;  // as far as it is known
    };

    [[nodiscard]] std::filesystem::path staging_file(const std::string& id) const;
    // Of the set's held publications.
    [[nodiscard]] Result<std::vector<std::filesystem::path>> held_files(
        storage::AuthorityNumber set) const;
    Result<std::unique_ptr<Claim>> claim(RecordSet set, InFlight what);
    Result<storage::PublicationRow> stored(domain::AuthorityCode authority,
                                           const std::string& id) const;
    [[nodiscard]] Status require_full(RecordSet set) const;
    [[nodiscard]] Result<const RecordKind*> kind_of(RecordType records) const;
    static Result<PublicationReport> report_of(const storage::PublicationRow& row);
    [[nodiscard]] storage::PublicationRow row_of(const PublicationRequest& request,
                                                 const PublicationReport& report, std::int64_t base,
                                                 const Hash256& body) const;

    struct Switching {
        RecordSet set;
        std::string_view caller, step, reason;
        storage::PublicationRow row;  // as it will be stored, its report aside
    };
    // Writes, logs and switches; completes the report.
    Status put_in_force(Switching what, storage::StagingStore& staging, PublicationReport& report);
    Status log_and_switch(Switching& what, storage::GenerationRow& generation,
                          PublicationReport& report);
    // Generations of the set that are not, or no longer, in force.
    Status discard_leftovers(storage::AuthorityNumber set);
    // Of a set at most one publication is held: it stays until another is, or is switched
    // in.
    void supersede_held(storage::AuthorityNumber set, const domain::Localized& because);
    Status reject_stale(storage::PublicationRow row, const domain::Localized& because);
    [[nodiscard]] static storage::IntentRow intent_of(const Switching& what,
                                                      const storage::GenerationRow& generation);
    Result<std::uint64_t> log_switch(const Switching& what, const storage::IntentRow& intent);

    storage::RegistryStorage& store_;
    const RowKeys& keys_;
    audit::Log& log_;
    LoggedChanges& changes_;
    const Clock& clock_;
    Published& published_;
    const RecordKinds& kinds_;
    const Packs& packs_;
    std::filesystem::path staging_folder_;
    UploadRoom room_;
    mutable Mutex mutex_;
    std::map<RecordSet, InFlight> in_flight_ SHIKAKU_GUARDED_BY(mutex_);
};

}  // namespace shikaku::registry
