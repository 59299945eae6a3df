// The registry's storage in memory, for tests. Nothing outlives its Data.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "gateway/storage/ports/registry_storage.h"

namespace shikaku::testing {

class MemoryRegistry final : public storage::RegistryStorage {
  public:
    using Authority = storage::AuthorityNumber;
    struct Row {
        std::int64_t id = 0, gen_from = 0, gen_to = 0;
        Authority authority = 0;
        bool deleted = false;
        storage::Key16 person{}, history{}, content{};
        std::uint32_t filled = 0;
        Bytes sealed;
    };
    struct Data {
        std::mutex mutex;
        std::vector<Row> rows;
        std::map<Authority, storage::AuthorityRow> authorities;
        std::map<std::pair<Authority, std::int64_t>, storage::GenerationRow> generations;
        std::map<std::string, storage::PublicationRow> publications;
        std::map<std::string, std::vector<storage::StagedRemark>> remarks;
        std::map<std::string, std::string> linkage;
        std::map<std::pair<Authority, std::string>, storage::PackRow> packs;
        std::map<std::pair<Authority, storage::IntentRow::Kind>, storage::IntentRow> intents;
        std::map<std::string, Bytes, std::less<>> keys;
        std::string log;
        std::int64_t known = -1;
        std::int64_t next_id = 1;
    };

    explicit MemoryRegistry(std::shared_ptr<Data> data) : data_(std::move(data)) {}

    Status expect_keys(const storage::KeyUse& use) override;
    Result<std::optional<storage::SealedRow>> newest_row() override;
    Result<bool> is_sealed_with(const std::array<std::uint32_t, 2>& fronts) override;

    // Not there at once, as from a server.
    storage::Reply<bool> read_person(const storage::Key16& person, const storage::SeenView& seen,
                                     storage::PersonRows& found) override;
    void end_idle_snapshots() override {}

    Result<std::vector<storage::AuthorityRow>> authorities() override;
    Result<std::optional<storage::AuthorityRow>> authority(Authority authority) override;
    Result<std::vector<storage::GenerationRow>> generations() override;
    Result<std::vector<storage::GenerationRow>> generations(Authority authority) override;
    Result<std::unique_ptr<storage::InForceRows>> in_force_rows(Authority authority) override;

    Status put(const storage::PublicationRow& row) override;
    Status erase_publication(const std::string& id) override;
    Result<std::optional<storage::PublicationRow>> publication(const std::string& id) override;
    Result<std::optional<storage::PublicationRow>> publication(Authority authority,
                                                               const std::string& key) override;
    Result<std::vector<storage::PublicationRow>> publications_in(int state) override;
    Status put_remarks(const std::string& publication,
                       const std::vector<storage::StagedRemark>& remarks) override;
    Result<std::vector<storage::StagedRemark>> remarks(const std::string& publication) override;
    Status put_linkage(const std::string& publication, std::string_view value) override;
    Result<std::string> linkage(const std::string& publication) override;
    Status forget_lone_linkage() override;

    Result<std::int64_t> known_of(std::string_view log) override;
    Result<std::vector<storage::IntentRow>> intents() override;
    Status intend(const storage::IntentRow& intent) override;
    Status forget(const storage::IntentRow& intent,
                  std::optional<std::uint64_t> log_index) override;
    Status take_out(const std::map<Authority, std::int64_t>& authorities,
                    std::uint64_t log_index) override;

    Status put_in_force(const storage::PackRow& pack) override;
    Result<std::optional<storage::PackRow>> pack(Authority authority,
                                                 const std::string& version) override;
    Result<storage::GenerationRow> begin_generation(Authority authority, std::int64_t base,
                                                    const std::string& publication,
                                                    std::uint64_t lines) override;
    Status write_changes(const storage::GenerationRow& generation,
                         storage::StagedChanges& changes) override;
    Status switch_to(const storage::GenerationRow& generation, const storage::PublicationRow& row,
                     std::uint64_t log_index) override;
    Status roll_back(const storage::GenerationRow& generation, const storage::PublicationRow& row,
                     std::uint64_t log_index) override;
    Status discard(const storage::GenerationRow& generation) override;

    Status keep_from(Authority authority, std::int64_t in_force, std::int64_t oldest) override;
    Result<storage::SweepStep> sweep(Authority authority, std::int64_t oldest, std::int64_t ended,
                                     const storage::SweepPlace& from) override;
    // Nothing is old enough here to be forgotten.
    Status forget_generations(Authority, std::int64_t, const std::set<std::int64_t>&,
                              std::string_view) override {
        return {};
    }
    Result<bool> forget_old_publications(Authority, const KeptPublications&) override {
        return false;
    }
    Result<storage::PagesRead> check_pages(std::uint32_t, std::uint32_t) override {
        return storage::PagesRead{};
    }

    std::string place() const override { return "memory"; }

  private:
    Status point_to(const storage::GenerationRow& generation, std::int64_t in_force,
                    storage::GenerationRow::State state, const storage::PublicationRow& row,
                    std::uint64_t log_index);
    void settle(Authority authority, storage::IntentRow::Kind kind, std::int64_t log_index);

    std::shared_ptr<Data> data_;
};

}  // namespace shikaku::testing
