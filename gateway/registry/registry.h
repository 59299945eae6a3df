// What municipalities published: packs and records of every kind, by generations.
//
// A publication is received into a staging area, checked row by row, compared with what is in
// force, held back when suspicious, and switched in by one transaction; a question sees the old
// generation or the new one, never a mix. Rows live in registry.db: looked up by a keyed hash of
// the link key, payload sealed. Reads are safe from any thread; publications are serialised per
// authority.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/audit/log.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/domain/entitlement.h"
#include "gateway/domain/linkage_check.h"
#include "gateway/domain/rule_book.h"
#include "gateway/domain/scheme_pack.h"
#include "gateway/registry/packs.h"
#include "gateway/registry/publication.h"
#include "gateway/registry/record_kind.h"
#include "gateway/registry/upload_room.h"
#include "gateway/storage/ports/registry_storage.h"

namespace shikaku::registry {

struct PublishedRecords {
    std::vector<domain::Entitlement> entitlements;  // in force, and revoked ones (revoked_at set)
    Instant as_of{};                                // when this generation was switched in
    bool cut_off = false;                           // there are more, or one cannot be opened
};

// What is in force of an authority.
struct InForce {
    Instant as_of{};                                // when it was switched in
    std::optional<domain::LinkageCheck> linkage{};  // when the publication told it
};

// What one authority has published about one person.
struct PublishedFor {
    domain::AuthorityCode authority;
    Instant as_of{};
    std::vector<domain::Entitlement> entitlements;  // at most bounds::kEntitlementsPerAuthority
    bool cut_off = false;                           // there are more, or one cannot be opened
    std::optional<domain::LinkageCheck> linkage{};  // of the secret its data was made with
};

// The same of another kind of record: what is in force, as it is stored. What an authority took
// back or left out is not among it.
struct PublishedRow {
    Bytes content;
    Instant changed_at{};  // when what it says last changed
};
struct PublishedRows {
    domain::AuthorityCode authority;
    Instant as_of{};
    std::vector<PublishedRow> rows;  // at most bounds::kRecordsPerAuthority
    bool cut_off = false;            // there are more, or one cannot be opened
    std::optional<domain::LinkageCheck> linkage{};
};

struct AuthorityState {
    domain::AuthorityCode authority;
    std::uint64_t generation = 0;
    Instant switched_at{};
    std::uint64_t rows = 0;
    std::string pack_version;  // empty: no pack yet
    Instant pack_accepted{};
};

class Registry {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Registry>> open(
        const std::filesystem::path& database, const crypto::KeyRing& keys, audit::Log& log,
        const Clock& clock, const UploadLimits& limits = {}, RecordKinds kinds = RecordKinds());
    // The same over a storage of one's own, as it was opened. Uploads are received in `staging`.
    [[nodiscard]] static Result<std::unique_ptr<Registry>> open(
        std::unique_ptr<storage::RegistryStorage> storage, const std::filesystem::path& staging,
        const crypto::KeyRing& keys, audit::Log& log, const Clock& clock,
        const UploadLimits& limits = {}, RecordKinds kinds = RecordKinds());
    ~Registry();

    // Instead of open(), once, after registry.db was lost or an older one put in its place
    // (logged_changes.h): what it lacks has to be published again, by these authorities.
    [[nodiscard]] static Result<std::vector<domain::AuthorityCode>> continue_after_loss(
        const std::filesystem::path& database, audit::Log& log, std::string_view reason);

    // One indexed read. not_found: the authority has published nothing yet.
    [[nodiscard]] storage::Reply<PublishedRecords> look_up(domain::AuthorityCode authority,
                                                           const Hash256& link_key) const;
    // Everything the registry holds about a person, in code order, by the same one read. An
    // authority that knows nothing about the person is left out, but for the prefecture of one that
    // does: its silence belongs to the answer.
    [[nodiscard]] storage::Reply<std::vector<PublishedFor>> look_up_all(
        const Hash256& link_key) const;
    // The same, for threads that may wait.
    [[nodiscard]] Result<PublishedRecords> find(domain::AuthorityCode authority,
                                                const Hash256& link_key) const {
        return storage::blocking(look_up(authority, link_key));
    }
    [[nodiscard]] Result<std::vector<PublishedFor>> find_all(const Hash256& link_key) const {
        return storage::blocking(look_up_all(link_key));
    }
    // Answered from memory: what an authority has in force; nullopt: it has published nothing yet.
    [[nodiscard]] std::optional<InForce> in_force(domain::AuthorityCode authority) const;
    [[nodiscard]] bool has_published(domain::AuthorityCode authority) const;
    // Of any kind of record. Only authorities that have a row of the person are named.
    [[nodiscard]] storage::Reply<std::vector<PublishedRows>> look_up_rows(
        RecordType records, const Hash256& link_key) const;
    [[nodiscard]] Result<std::vector<PublishedRows>> rows_of(RecordType records,
                                                             const Hash256& link_key) const {
        return storage::blocking(look_up_rows(records, link_key));
    }
    [[nodiscard]] std::optional<InForce> in_force(RecordSet set) const;
    [[nodiscard]] const Packs& packs() const;
    [[nodiscard]] Result<Packs::Outcome> put_pack(RecordSet set, std::string_view pack,
                                                  std::string_view caller);
    // Authorities that have published something about this person, in code order.
    [[nodiscard]] Result<std::vector<domain::AuthorityCode>> authorities_of(
        const Hash256& link_key) const;

    // The packs in force as one snapshot; swapped when a pack is accepted.
    [[nodiscard]] std::shared_ptr<const domain::RuleBook> rules() const;
    // The pack with that version, also an old one: replaying a logged answer needs it.
    [[nodiscard]] Result<std::shared_ptr<const domain::SchemePack>> pack(
        domain::AuthorityCode authority, const std::string& version) const;
    // Its bytes as they were published.
    [[nodiscard]] Result<std::string> pack_text(domain::AuthorityCode authority,
                                                const std::string& version) const;
    void set_local_order(std::map<std::string, std::vector<std::string>, std::less<>> order);

    // Checks the pack, runs its examples, logs (scheme_change), then puts it in force. A refused
    // pack gives its problems and no result.pack; the pack in force stays.
    struct PackOutcome {
        domain::PackResult result;
        std::string version;
        std::uint64_t log_index = 0;
    };
    [[nodiscard]] Result<PackOutcome> put_schemes(domain::AuthorityCode authority,
                                                  std::string_view pack, std::string_view caller);

    // A new publication to feed with body bytes; see publication.h. conflict: the idempotency key
    // was used with other parameters (with another body: see publication.h), another publication of
    // the authority is being received, or it has no scheme pack yet. full_publication_required: a
    // delta before any. storage_full: see upload_room.h. A repeat with the same key gives the
    // existing publication's id.
    [[nodiscard]] Result<std::unique_ptr<Publication>> begin(PublicationRequest request);
    [[nodiscard]] Result<PublicationReport> report(domain::AuthorityCode authority,
                                                   const std::string& id) const;
    [[nodiscard]] Result<std::string> errors_csv(domain::AuthorityCode authority,
                                                 const std::string& id) const;
    // conflict: not held, or not built on what is in force any more.
    [[nodiscard]] Result<PublicationReport> release(domain::AuthorityCode authority,
                                                    const std::string& id, std::string reason,
                                                    std::string_view caller);
    // Back to what was in force before this publication. conflict: it is not the one in force.
    [[nodiscard]] Result<PublicationReport> rollback(domain::AuthorityCode authority,
                                                     const std::string& id, std::string reason,
                                                     std::string_view caller);
    [[nodiscard]] std::vector<AuthorityState> authorities() const;  // of subsidies

    // At stop, when nobody publishes any more, before that is logged (logged_changes.h).
    [[nodiscard]] Status settle();

    // Looks through the file and erases what nobody needs any more, from now on, beside everything
    // else (housekeeping.h).
    void keep_house();
    void keep_house_once();  // one round, before it returns
    // A row or a page was found damaged: questions that need it are answered with unknown. The file
    // has to be restored.
    [[nodiscard]] bool damaged() const;

  private:
    struct Impl;
    explicit Registry(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::registry
