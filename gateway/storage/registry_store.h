// registry.db: what municipalities published, by generations.
//
//   entitlement  one sealed row (empty: kUnread), valid in generations gen_from <= g < gen_to; ids
//   of one publication are
//                contiguous, so that a publication appends
//   by_person    keyed hash of the person, authority -> ids; with entitlement the whole of a
//   question's read history      keyed hash of authority and history key -> content hash; what
//   comparisons read generation   who made it, from which one, since when; pending until the one
//   transaction that moves
//                authority.generation
//   log_position the last entry of the log that this file knows; with it start tells an older file
//   intent       what is logged but not yet in force: what a crash between the two leaves
//
// A generation is written in several transactions nobody sees, because readers look only at
// generations up to the authority's pointer. One that never got in force, or was rolled back, is
// discarded before the authority's next one is written; numbers are never used twice. Safe from
// several threads.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/storage/checked_pages.h"
#include "gateway/storage/key_check.h"
#include "gateway/storage/staging_store.h"

namespace shikaku::storage {

using AuthorityNumber = std::uint32_t;  // 全国地方公共団体コード as a number

struct GenerationRow {
    enum class State : std::uint8_t { pending = 0, switched = 1, rolled_back = 2 };
    AuthorityNumber authority = 0;
    std::int64_t number = 0;
    std::int64_t base = 0;  // what was in force before; 0: nothing
    std::string publication;
    State state = State::pending;
    std::int64_t switched_ms = 0;
    std::int64_t rows = 0;      // in force in this generation
    std::int64_t first_id = 0;  // entitlement ids: first_id + line of the upload
    std::int64_t last_id = 0;
};

struct AuthorityRow {
    AuthorityNumber authority = 0;
    std::int64_t generation = 0;
    std::string pack_version;
    std::int64_t swept = 0;            // generations before it cannot be gone back to
    std::int64_t last_generation = 0;  // the newest number that was ever begun
};

struct PublicationRow {
    std::string id;
    AuthorityNumber authority = 0;
    std::string idempotency_key;  // as a keyed hash
    std::string parameters;
    int state = 0;
    std::int64_t base = 0;  // the generation it was compared with
    std::string report;     // JSON
    Bytes body{};           // keyed hash of what was uploaded; empty: not known
};

struct PackRow {
    AuthorityNumber authority = 0;
    std::string version;
    std::string body;
    std::int64_t accepted_ms = 0;
    std::int64_t log_index = 0;
};

// A change of what is in force that is about to be logged.
struct IntentRow {
    enum class Kind : std::uint8_t { switching = 1, schemes = 2 };  // on disk: never renumber
    AuthorityNumber authority = 0;
    Kind kind = Kind::switching;
    std::string subject;    // publication, or version of a pack
    std::string step;       // as the log says it
    std::int64_t base = 0;  // generations, from and to
    std::int64_t target = 0;
    std::int64_t after = -1;  // its entry has a higher index
};

struct InForceRow {
    Key16 history{}, content{};
    std::int64_t id = 0, gen_from = 0;
    std::uint32_t filled = 0;
};

struct RowContent {
    Key16 person{};
    Bytes sealed;  // both empty: there is no such row
};

// The rows of one authority that are in force, for comparison: a connection of its own.
class InForceRows {
  public:
    [[nodiscard]] static Result<InForceRows> open(const std::filesystem::path& registry,
                                                  AuthorityNumber authority);
    [[nodiscard]] Result<bool> next(InForceRow& row);  // by history key; false: no more
    [[nodiscard]] Result<std::optional<InForceRow>> find(const Key16& history);
    [[nodiscard]] Result<RowContent> content_of(std::int64_t id);

  private:
    explicit InForceRows(Database database) : database_(std::move(database)) {}
    Database database_;
    Statement walk_, find_, content_;
};

// In the order of history keys.
struct SweepPlace {
    Key16 history{};
    std::int64_t gen_from = 0;
};
struct SweepStep {
    std::optional<SweepPlace> next{};         // where to go on; nothing: it was the last
    std::vector<std::int64_t> generations{};  // before `oldest`, in which a row that stays began
                                              // or ended
};

struct SealedRow {
    AuthorityNumber authority = 0;
    Key16 person{}, history{};
    Bytes sealed;
};

class RegistryStore {
  public:
    [[nodiscard]] static Result<std::unique_ptr<RegistryStore>> open(
        const std::filesystem::path& file);
    [[nodiscard]] const std::filesystem::path& file() const { return file_; }
    // To be called before anything is read; see key_check.h.
    [[nodiscard]] Status expect_keys(const KeyUse& use);
    // The newest row with a payload, to try a key on; nullopt: there is none.
    [[nodiscard]] Result<std::optional<SealedRow>> newest_row();
    // Whether the payload of a row may begin with one of these, which name a seal key: looks at all
    // of them.
    [[nodiscard]] Result<bool> is_sealed_with(const std::array<std::uint32_t, 2>& fronts);

    [[nodiscard]] Result<std::vector<AuthorityRow>> authorities();
    [[nodiscard]] Result<std::optional<AuthorityRow>> authority(AuthorityNumber authority);
    [[nodiscard]] Result<std::vector<GenerationRow>> generations();  // by authority and number
    [[nodiscard]] Result<std::vector<GenerationRow>> generations(AuthorityNumber authority);

    [[nodiscard]] Status put(const PublicationRow& row);  // inserts or replaces
    // Replaces the idempotency keys that an older program left in clear, on disk too.
    using HashKey = std::function<std::string(AuthorityNumber, std::string_view key)>;
    [[nodiscard]] Status hash_clear_keys(const HashKey& hash);
    [[nodiscard]] Status erase_publication(const std::string& id);
    [[nodiscard]] Result<std::optional<PublicationRow>> publication(const std::string& id);
    [[nodiscard]] Result<std::optional<PublicationRow>> publication(AuthorityNumber authority,
                                                                    const std::string& key);
    [[nodiscard]] Result<std::vector<PublicationRow>> publications_in(int state);
    [[nodiscard]] Status put_remarks(const std::string& publication,
                                     const std::vector<StagedRemark>& remarks);
    [[nodiscard]] Result<std::vector<StagedRemark>> remarks(const std::string& publication);

    [[nodiscard]] Status put_linkage(const std::string& publication, std::string_view value);
    [[nodiscard]] Result<std::string> linkage(const std::string& publication);  // empty: none
    // What publications noted that came to nothing; not while one is received.
    [[nodiscard]] Status forget_lone_linkage();

    // The last entry of the log named so that this file knows; -1: none. A log of another name
    // has none that it knows.
    [[nodiscard]] Result<std::int64_t> known_of(std::string_view log);
    [[nodiscard]] Result<std::vector<IntentRow>> intents();
    // Before the entry is logged. conflict: an earlier one of the authority is not settled.
    [[nodiscard]] Status intend(const IntentRow& intent);
    // It did not come into force; `log_index`: of the entry that says so, when it was logged.
    [[nodiscard]] Status forget(const IntentRow& intent, std::optional<std::uint64_t> log_index);

    // Nothing of these authorities is in force or kept any more, nor any report that would answer
    // the same upload when it is sent again, as entry `log_index` says; of each
    // the number of the last generation it is known to have had.
    [[nodiscard]] Status take_out(const std::map<AuthorityNumber, std::int64_t>& authorities,
                                  std::uint64_t log_index);

    // Each of the three ends the authority's intent and takes note of the entry it was logged by.
    [[nodiscard]] Status put_in_force(const PackRow& pack);
    [[nodiscard]] Result<std::optional<PackRow>> pack(AuthorityNumber authority,
                                                      const std::string& version);

    // A new pending generation, with ids for an upload of that many lines.
    [[nodiscard]] Result<GenerationRow> begin_generation(AuthorityNumber authority,
                                                         std::int64_t base,
                                                         const std::string& publication,
                                                         std::uint64_t lines);
    // `between` is called after each of the transactions.
    [[nodiscard]] Status write_changes(const GenerationRow& generation, StagingStore& staging,
                                       const std::function<void()>& between);
    // Puts the generation and its publication's row in force, in one transaction.
    [[nodiscard]] Status switch_to(const GenerationRow& generation, const PublicationRow& row,
                                   std::uint64_t log_index);
    // Points the authority back to the generation's base, in one transaction.
    [[nodiscard]] Status roll_back(const GenerationRow& generation, const PublicationRow& row,
                                   std::uint64_t log_index);
    // Takes a pending or rolled back generation out again; may be repeated after a crash.
    [[nodiscard]] Status discard(const GenerationRow& generation);

    // Nobody goes back to a generation before `oldest` any more. conflict: another generation than
    // `in_force` is in force by now.
    [[nodiscard]] Status keep_from(AuthorityNumber authority, std::int64_t in_force,
                                   std::int64_t oldest);
    // Erases, from a place in the order of history keys on, rows that no generation from `oldest`
    // on shows (a newer one has their key), and rows that ended up to generation `ended`. One
    // bounded step.
    [[nodiscard]] Result<SweepStep> sweep(AuthorityNumber authority, std::int64_t oldest,
                                          std::int64_t ended, const SweepPlace& from);
    // Forgets generations before `oldest`, but not those `kept`, whose times answers say, nor the
    // last full one, which deltas stand on.
    [[nodiscard]] Status forget_generations(AuthorityNumber authority, std::int64_t oldest,
                                            const std::set<std::int64_t>& kept,
                                            std::string_view full);
    // Erases the remarks of all but the newest `remarks` publications of the authority, and all but
    // the newest `reports` reports. Those stay that are held, that can be gone back to, and the
    // full one that what is in force, or what can be gone back to, began with. True: there may be
    // more.
    struct KeptPublications {
        std::size_t remarks = 0, reports = 0;
        int held = 0;           // the state
        std::string_view full;  // what the parameters of a full one begin with
    };
    [[nodiscard]] Result<bool> forget_old_publications(AuthorityNumber authority,
                                                       const KeptPublications& kept);
    // Pages of the file that fail their checksum, looking at some from `first` on.
    [[nodiscard]] Result<PagesRead> check_pages(std::uint32_t first, std::uint32_t count);

    // Moves what was written into the file and empties the write-ahead log. Most of it while others
    // read; `alone` runs the rest, which takes no time, while nobody does. False: somebody reads
    // all the same (a comparison, another program), and it stays as long as it is.
    using Alone = std::function<void(const std::function<void()>&)>;
    [[nodiscard]] Result<bool> empty_log(const Alone& alone);
    [[nodiscard]] std::uint64_t log_bytes() const;  // of the write-ahead log

    ~RegistryStore();

  private:
    RegistryStore(Database database, Database emptying, std::filesystem::path file)
        : database_(std::move(database)), emptying_(std::move(emptying)), file_(std::move(file)) {}
    class Bulk;  // many rows over a connection of its own, in transactions of bounded size

    Status write_generation(const GenerationRow& generation, GenerationRow::State state);
    Status point_to(const GenerationRow& generation, std::int64_t in_force,
                    GenerationRow::State state, const PublicationRow& row, std::uint64_t log_index);
    // In the transaction at hand.
    Status settle_locked(AuthorityNumber authority, IntentRow::Kind kind, std::int64_t log_index);
    Status put_locked(const PublicationRow& row);

    Database database_;
    Database emptying_;  // waits for nobody
    std::mutex mutex_;   // one writer at a time, over all connections; guards these two, as well
    std::filesystem::path file_;
    std::atomic<std::int64_t> next_id_{1};
};

}  // namespace shikaku::storage
