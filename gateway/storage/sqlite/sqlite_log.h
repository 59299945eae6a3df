// The log in two files, log.db and log.entries, for one process (log_store.h, log_reader.h). What
// is appended is durable in log.entries; log.db follows in a transaction that stays open from one
// checkpoint to the next, so readers see entries together with the checkpoint that covers them.
#pragma once

#include <memory>

#include "gateway/storage/ports/log_storage.h"
#include "gateway/storage/sqlite/log_reader.h"
#include "gateway/storage/sqlite/log_store.h"
#include "gateway/storage/sqlite/per_thread.h"
#include "gateway/storage/sqlite/used_tokens.h"

namespace shikaku::storage {

class SqliteLog final : public LogStorage {
  public:
    // As LogStore's.
    [[nodiscard]] static Result<std::unique_ptr<LogStorage>> open(
        const std::filesystem::path& database, RecordKey key);
    [[nodiscard]] static Result<std::unique_ptr<LogStorage>> create(
        const std::filesystem::path& database, RecordKey key);

    Status expect_keys(const KeyUse& use) override;
    Result<std::uint64_t> recover(const Known& known) override;
    bool may_lack_anchors() const override { return store_.of_old_records(); }
    Status accept(std::string_view now) override { return store_.accept(now); }
    Status remember_tokens(std::uint64_t first) override;

    Status append(std::span<const NewEntry> entries, Instant now,
                  const Acknowledge& acknowledge) override;
    Status try_again() override;
    Status put_tiles(std::span<const NewTile> tiles) override;
    Status cover(const Covering& covering) override;
    Status keep_house() override;
    Status make_safe() override;

    Result<std::uint64_t> size() override;
    Result<std::optional<StoredCheckpoint>> newest_checkpoint() override;
    Reply<Bytes> leaf(std::uint64_t index) override;
    Reply<std::optional<Bytes>> detail(std::uint64_t index) override;
    Reply<Bytes> tile(int level, std::uint64_t n) override;
    Status visit_leaves(std::uint64_t begin, std::uint64_t end, const LeafVisitor& visit) override;
    Status visit_changes(std::uint64_t begin, std::uint64_t end, const LeafVisitor& visit) override;
    Status visit_tokens(std::uint64_t begin, std::uint64_t end, const TokenVisitor& visit) override;

    std::string place() const override { return database_.string(); }
    std::vector<std::filesystem::path> files() const override;

  private:
    SqliteLog(LogStore store, std::filesystem::path database);

    // The group as rows, without the entries whose token was used before.
    [[nodiscard]] Status lay_out(std::span<const NewEntry> entries);
    [[nodiscard]] Result<Placed> claim(const NewEntry& entry);
    void give_tokens_back();
    [[nodiscard]] Status note(const LogRow& row, Place place);
    [[nodiscard]] Status open_transaction();
    [[nodiscard]] Status commit();
    // Everything between begin and commit, or nothing of it.
    [[nodiscard]] Status end_with(Status done);
    [[nodiscard]] Status add_tiles(std::span<const NewTile> tiles);

    std::filesystem::path database_;
    LogStore store_;
    std::optional<Transaction> transaction_;  // log.db's, since the last checkpoint
    std::optional<std::uint64_t> covered_;    // by the newest checkpoint
    std::uint64_t size_ = 0;                  // durable entries
    std::uint64_t unsettled_ = 0;             // checkpoints since log.db was flushed

    UsedTokens tokens_;
    std::uint64_t tokens_from_ = 0;  // no entry before has a token that tokens_ knows
    // Of the group that append() is at.
    std::vector<LogRow> rows_;
    std::vector<Place> places_;
    std::vector<Placed> placed_;

    PerThread<LogReader> readers_;  // closed before store_, which then folds the WAL in
};

}  // namespace shikaku::storage
