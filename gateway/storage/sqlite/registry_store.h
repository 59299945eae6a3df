// The registry in one file, registry.db, for one process:
//
//   entitlement   one sealed row (empty: kUnread), valid in generations gen_from <= g < gen_to; ids
//                 of one publication are contiguous, so that a publication appends
//   by_person     keyed hash of the person, authority -> ids; with entitlement the whole of a
//                 question's read
//   history       keyed hash of authority and history key -> content hash; what comparisons read
//   generation    who made it, from which one, since when; pending until the one transaction that
//                 moves authority.generation
//   log_position  the last entry of the log that this file knows; with it start tells an older file
//   intent        what is logged but not yet in force: what a crash between the two leaves
//
// A generation is written in several transactions nobody sees, because readers look only at
// generations up to the authority's pointer.
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

#include "gateway/storage/ports/registry_storage.h"
#include "gateway/storage/sqlite/checked_pages.h"
#include "gateway/storage/sqlite/key_check.h"
#include "gateway/storage/sqlite/registry_reader.h"
#include "gateway/storage/sqlite/staging_store.h"

namespace shikaku::storage {

// The rows in force, on a connection of its own.
class SqliteInForceRows final : public InForceRows {
  public:
    [[nodiscard]] static Result<std::unique_ptr<InForceRows>> open(
        const std::filesystem::path& registry, AuthorityNumber authority);
    Result<bool> next(InForceRow& row) override;
    Result<std::optional<InForceRow>> find(const Key16& history) override;
    Result<RowContent> content_of(std::int64_t id) override;

  private:
    explicit SqliteInForceRows(Database database) : database_(std::move(database)) {}
    Database database_;
    Statement walk_, find_, content_;
};

class RegistryStore final : public RegistryStorage {
  public:
    [[nodiscard]] static Result<std::unique_ptr<RegistryStore>> open(
        const std::filesystem::path& file);

    Status expect_keys(const KeyUse& use) override;
    Result<std::optional<SealedRow>> newest_row() override;
    Result<bool> is_sealed_with(const std::array<std::uint32_t, 2>& fronts) override;
    Status hash_clear_keys(const HashKey& hash) override;
    Reply<bool> read_person(const Key16& person, const SeenView& seen, PersonRows& found) override;
    void end_idle_snapshots() override;
    Result<std::vector<AuthorityRow>> authorities() override;
    Result<std::optional<AuthorityRow>> authority(AuthorityNumber authority) override;
    Result<std::vector<GenerationRow>> generations() override;
    Result<std::vector<GenerationRow>> generations(AuthorityNumber authority) override;
    Result<std::unique_ptr<InForceRows>> in_force_rows(AuthorityNumber authority) override;
    Status put(const PublicationRow& row) override;
    Status erase_publication(const std::string& id) override;
    Result<std::optional<PublicationRow>> publication(const std::string& id) override;
    Result<std::optional<PublicationRow>> publication(AuthorityNumber authority,
                                                      const std::string& key) override;
    Result<std::vector<PublicationRow>> publications_in(int state) override;
    Status put_remarks(const std::string& publication,
                       const std::vector<StagedRemark>& remarks) override;
    Result<std::vector<StagedRemark>> remarks(const std::string& publication) override;
    Status put_linkage(const std::string& publication, std::string_view value) override;
    Result<std::string> linkage(const std::string& publication) override;
    Status forget_lone_linkage() override;
    Result<std::int64_t> known_of(std::string_view log) override;
    Result<std::vector<IntentRow>> intents() override;
    Status intend(const IntentRow& intent) override;
    Status forget(const IntentRow& intent, std::optional<std::uint64_t> log_index) override;
    Status take_out(const std::map<AuthorityNumber, std::int64_t>& authorities,
                    std::uint64_t log_index) override;
    Status put_in_force(const PackRow& pack) override;
    Result<std::optional<PackRow>> pack(AuthorityNumber authority,
                                        const std::string& version) override;
    Result<GenerationRow> begin_generation(AuthorityNumber authority, std::int64_t base,
                                           const std::string& publication,
                                           std::uint64_t lines) override;
    Status write_changes(const GenerationRow& generation, StagedChanges& changes) override;
    Status switch_to(const GenerationRow& generation, const PublicationRow& row,
                     std::uint64_t log_index) override;
    Status roll_back(const GenerationRow& generation, const PublicationRow& row,
                     std::uint64_t log_index) override;
    Status discard(const GenerationRow& generation) override;
    Status keep_from(AuthorityNumber authority, std::int64_t in_force,
                     std::int64_t oldest) override;
    Result<SweepStep> sweep(AuthorityNumber authority, std::int64_t oldest, std::int64_t ended,
                            const SweepPlace& from) override;
    Status forget_generations(AuthorityNumber authority, std::int64_t oldest,
                              const std::set<std::int64_t>& kept, std::string_view full) override;
    Result<bool> forget_old_publications(AuthorityNumber authority,
                                         const KeptPublications& kept) override;
    Result<PagesRead> check_pages(std::uint32_t first, std::uint32_t count) override;
    void after_publication() override { keep_log_small(); }
    std::string place() const override { return file_.string(); }

    // Moves what was written into the file and empties the write-ahead log: most of it while others
    // read, the rest, which takes no time, while no question does. False: somebody reads all the
    // same (a comparison, another program), and it stays as long as it is.
    [[nodiscard]] Result<bool> empty_log();
    [[nodiscard]] std::uint64_t log_bytes() const;  // of the write-ahead log

    ~RegistryStore() override;

  private:
    RegistryStore(Database database, Database emptying, std::filesystem::path file)
        : database_(std::move(database)),
          emptying_(std::move(emptying)),
          file_(std::move(file)),
          readers_(file_) {}
    class Bulk;  // many rows over a connection of its own, in transactions of bounded size

    // empty_log(); one that cannot be emptied is told once a minute, and its size is a metric.
    void keep_log_small();

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
    std::atomic<std::chrono::steady_clock::time_point> log_told_{};
    RegistryReaders readers_;
};

}  // namespace shikaku::storage
