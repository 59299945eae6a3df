// What the registry needs of storage: what municipalities published, by generations.
//
// A generation is written row by row and nobody sees it; one operation puts it in force, or the one
// before it again, together with what the publication says and the entry of the log it was logged
// by. So which generation is in force is what storage says, not what a process remembers. One that
// never got in force, or was rolled back, is discarded before the authority's next one is written;
// numbers are never used twice.
//
// Safe from several threads. All but read_person() may wait: they are for threads that may. Every
// implementation passes tests/unit/gateway/storage/ports/registry_storage_test.cc.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "gateway/storage/ports/key_use.h"
#include "gateway/storage/ports/registry_rows.h"
#include "gateway/storage/ports/reply.h"

namespace shikaku::storage {

// What a publication does to the registry, in the orders in which it is written: the outcome of
// comparing an upload with what is in force.
class StagedChanges {
  public:
    template <class T>
    using Visit = std::function<Status(const T&)>;
    using VisitNew = Visit<NewRow>;

    virtual ~StagedChanges() = default;
    // New rows by line; by person, with line and person only; by history key. Ended rows.
    [[nodiscard]] virtual Status each_new_by_line(const VisitNew& visit) = 0;
    [[nodiscard]] virtual Status each_new_by_person(const VisitNew& visit) = 0;
    [[nodiscard]] virtual Status each_new_by_history(const Visit<StagedChange>& visit) = 0;
    [[nodiscard]] virtual Status each_ended(const Visit<StagedChange>& visit) = 0;
};

// The rows of one authority that are in force, for comparison: as of when they were opened.
class InForceRows {
  public:
    virtual ~InForceRows() = default;
    [[nodiscard]] virtual Result<bool> next(InForceRow& row) = 0;  // by history key; false: no more
    [[nodiscard]] virtual Result<std::optional<InForceRow>> find(const Key16& history) = 0;
    [[nodiscard]] virtual Result<RowContent> content_of(std::int64_t id) = 0;
};

// What a question has seen of generations before it reads rows: the number of that view, and where
// the number of the newest one stands.
struct SeenView {
    std::uint64_t number = 0;
    const std::atomic<std::uint64_t>& newest;
};

class RegistryStorage {
  public:
    virtual ~RegistryStorage() = default;

    // ---- At start ----

    // To be called before anything is read; see key_use.h.
    [[nodiscard]] virtual Status expect_keys(const KeyUse& use) = 0;
    // The newest row with a payload, to try a key on; nullopt: there is none.
    [[nodiscard]] virtual Result<std::optional<SealedRow>> newest_row() = 0;
    // Whether the payload of a row may begin with one of these, which name a seal key: looks at all
    // of them.
    [[nodiscard]] virtual Result<bool> is_sealed_with(
        const std::array<std::uint32_t, 2>& fronts) = 0;
    // Replaces the idempotency keys that an older program left in clear.
    using HashKey = std::function<std::string(AuthorityNumber, std::string_view key)>;
    [[nodiscard]] virtual Status hash_clear_keys(const HashKey& /*hash*/) { return {}; }

    // ---- Questions ----

    // All rows about one person in one snapshot, which shows all that was in force in `seen`.
    // False: by the time the snapshot began a newer view had been shown, so what `seen` needs may
    // be gone: look again and ask again. `found` must live until the reply has come.
    [[nodiscard]] virtual Reply<bool> read_person(const Key16& person, const SeenView& seen,
                                                  PersonRows& found) = 0;
    // A newer view was shown: snapshots that are kept open for the next question end.
    virtual void end_idle_snapshots() = 0;

    // ---- What is in force ----

    [[nodiscard]] virtual Result<std::vector<AuthorityRow>> authorities() = 0;
    [[nodiscard]] virtual Result<std::optional<AuthorityRow>> authority(
        AuthorityNumber authority) = 0;
    [[nodiscard]] virtual Result<std::vector<GenerationRow>>
    generations() = 0;  // by authority and number
    [[nodiscard]] virtual Result<std::vector<GenerationRow>> generations(
        AuthorityNumber authority) = 0;
    [[nodiscard]] virtual Result<std::unique_ptr<InForceRows>> in_force_rows(
        AuthorityNumber authority) = 0;

    // ---- Publications: what was sent, and what became of it ----

    [[nodiscard]] virtual Status put(const PublicationRow& row) = 0;  // inserts or replaces
    [[nodiscard]] virtual Status erase_publication(const std::string& id) = 0;
    [[nodiscard]] virtual Result<std::optional<PublicationRow>> publication(
        const std::string& id) = 0;
    [[nodiscard]] virtual Result<std::optional<PublicationRow>> publication(
        AuthorityNumber authority, const std::string& key) = 0;
    [[nodiscard]] virtual Result<std::vector<PublicationRow>> publications_in(int state) = 0;
    [[nodiscard]] virtual Status put_remarks(const std::string& publication,
                                             const std::vector<StagedRemark>& remarks) = 0;
    [[nodiscard]] virtual Result<std::vector<StagedRemark>> remarks(
        const std::string& publication) = 0;

    [[nodiscard]] virtual Status put_linkage(const std::string& publication,
                                             std::string_view value) = 0;
    [[nodiscard]] virtual Result<std::string> linkage(
        const std::string& publication) = 0;  // empty: none
    // What publications noted that came to nothing; not while one is received.
    [[nodiscard]] virtual Status forget_lone_linkage() = 0;

    // ---- Beside the log ----

    // The last entry of the log named so that this file knows; -1: none. A log of another name
    // has none that it knows.
    [[nodiscard]] virtual Result<std::int64_t> known_of(std::string_view log) = 0;
    [[nodiscard]] virtual Result<std::vector<IntentRow>> intents() = 0;
    // Before the entry is logged. conflict: an earlier one of the authority is not settled.
    [[nodiscard]] virtual Status intend(const IntentRow& intent) = 0;
    // It did not come into force; `log_index`: of the entry that says so, when it was logged.
    [[nodiscard]] virtual Status forget(const IntentRow& intent,
                                        std::optional<std::uint64_t> log_index) = 0;

    // Nothing of these authorities is in force or kept any more, nor any report that would answer
    // the same upload when it is sent again, as entry `log_index` says; of each
    // the number of the last generation it is known to have had.
    [[nodiscard]] virtual Status take_out(
        const std::map<AuthorityNumber, std::int64_t>& authorities, std::uint64_t log_index) = 0;

    // ---- Generations. put_in_force(), switch_to() and roll_back() each are one step, which also
    // ends the authority's intent and takes note of the entry it was logged by ----

    [[nodiscard]] virtual Status put_in_force(const PackRow& pack) = 0;
    [[nodiscard]] virtual Result<std::optional<PackRow>> pack(AuthorityNumber authority,
                                                              const std::string& version) = 0;

    // A new pending generation, with ids for an upload of that many lines.
    [[nodiscard]] virtual Result<GenerationRow> begin_generation(AuthorityNumber authority,
                                                                 std::int64_t base,
                                                                 const std::string& publication,
                                                                 std::uint64_t lines) = 0;
    [[nodiscard]] virtual Status write_changes(const GenerationRow& generation,
                                               StagedChanges& changes) = 0;
    // Puts the generation and its publication's row in force, in one transaction.
    [[nodiscard]] virtual Status switch_to(const GenerationRow& generation,
                                           const PublicationRow& row, std::uint64_t log_index) = 0;
    // Points the authority back to the generation's base, in one transaction.
    [[nodiscard]] virtual Status roll_back(const GenerationRow& generation,
                                           const PublicationRow& row, std::uint64_t log_index) = 0;
    // Takes a pending or rolled back generation out again; may be repeated after a crash.
    [[nodiscard]] virtual Status discard(const GenerationRow& generation) = 0;

    // ---- Housekeeping ----

    // Nobody goes back to a generation before `oldest` any more. conflict: another generation than
    // `in_force` is in force by now.
    [[nodiscard]] virtual Status keep_from(AuthorityNumber authority, std::int64_t in_force,
                                           std::int64_t oldest) = 0;
    // Erases, from a place in the order of history keys on, rows that no generation from `oldest`
    // on shows (a newer one has their key), and rows that ended up to generation `ended`. One
    // bounded step.
    [[nodiscard]] virtual Result<SweepStep> sweep(AuthorityNumber authority, std::int64_t oldest,
                                                  std::int64_t ended, const SweepPlace& from) = 0;
    // Forgets generations before `oldest`, but not those `kept`, whose times answers say, nor the
    // last full one, which deltas stand on.
    [[nodiscard]] virtual Status forget_generations(AuthorityNumber authority, std::int64_t oldest,
                                                    const std::set<std::int64_t>& kept,
                                                    std::string_view full) = 0;
    // Erases the remarks of all but the newest `remarks` publications of the authority, and all but
    // the newest `reports` reports. Those stay that are held, that can be gone back to, and the
    // full one that what is in force, or what can be gone back to, began with. True: there may be
    // more.
    struct KeptPublications {
        std::size_t remarks = 0, reports = 0;
        int held = 0;           // the state
        std::string_view full;  // what the parameters of a full one begin with
    };
    [[nodiscard]] virtual Result<bool> forget_old_publications(AuthorityNumber authority,
                                                               const KeptPublications& kept) = 0;
    // What is damaged of what is stored, looking at some from `first` on.
    [[nodiscard]] virtual Result<PagesRead> check_pages(std::uint32_t first,
                                                        std::uint32_t count) = 0;

    // After each publication, whatever became of it: what was written on the way is folded up.
    virtual void after_publication() {}

    // ---- For messages to operators ----

    [[nodiscard]] virtual std::string place() const = 0;
};

}  // namespace shikaku::storage
