#include "gateway/audit/checkpoint_writer.h"

#include <algorithm>
#include <utility>

#include "gateway/storage/log_schema.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"

namespace shikaku::audit {

namespace {

// At full load some 300 KB of log.db each.
constexpr std::uint64_t kCheckpointsToSettle = 5;
// So many without one, a minute at least, are told.
constexpr std::uint64_t kCheckpointsUnsettled = 600;
// Entries of one transaction while a start takes up what log.db lacks.
constexpr std::uint64_t kTakenUpAtOnce = 4096;

}  // namespace

CheckpointWriter::CheckpointWriter(storage::LogStore& store, RestoredLog restored,
                                   std::string origin, std::unique_ptr<Anchors> anchors,
                                   const crypto::SigningKey& signer, const Clock& clock)
    : store_(store),
      tree_(std::move(restored.tree)),
      minute_(restored.minute),
      origin_(std::move(origin)),
      anchors_(std::move(anchors)),
      ever_signed_(restored.checkpoint.has_value()),
      signer_(signer),
      clock_(clock) {
    if (restored.checkpoint) signed_ = std::move(*restored.checkpoint);
}

Status CheckpointWriter::take_up(const storage::LogRow& row, storage::Place place) {
    // A log signs the empty tree, durably, before its first entry.
    if (!ever_signed_)
        return fail(ErrorCode::corrupt,
                    "log.entries has entries but log.db knows of none: restore log.db");
    SHIKAKU_TRY(note(row, place));
    return tree_.size() % kTakenUpAtOnce == 0 ? commit() : Status{};
}

Status CheckpointWriter::compare_anchors(storage::LogReader& reader,
                                         const std::filesystem::path& database) {
    return anchors_->compare({.database = database,
                              .entries = storage::entries_of(database),
                              .size = tree_.size(),
                              .may_be_older = tree_.size() > 0 && store_.of_old_records(),
                              .root_at = [&](std::uint64_t size) -> Result<Hash256> {
                                  SHIKAKU_TRY_LET(const auto tree, rebuild_tree(reader, size));
                                  return tree.root();
                              }});
}

Status CheckpointWriter::start() {
    if (!ever_signed_ || !all_covered()) {
        SHIKAKU_TRY(sign_and_commit());
        SHIKAKU_TRY_LET(const auto settled, store_.settle());
        if (!settled)
            return fail(ErrorCode::storage_unavailable,
                        "log.db cannot be flushed: another program has it open and is moving its "
                        "write-ahead log; close that and start again");
    }
    SHIKAKU_TRY(anchors_->start(signed_));
    publish();
    return {};
}

CheckpointWriter::SteadyTime CheckpointWriter::next_due() const {
    return signed_at_ + bounds::kCheckpointEvery;
}

Status CheckpointWriter::add(std::span<const storage::LogRow> rows,
                             std::span<const storage::Place> places) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        SHIKAKU_TRY(note(rows[i], places[i]));
    return {};
}

Status CheckpointWriter::cover() {
    SHIKAKU_TRY(sign_and_commit());
    publish();
    return settle_now_and_then();
}

Status CheckpointWriter::open_transaction() {
    if (transaction_) return {};
    SHIKAKU_TRY_LET(auto begun, store_.begin());
    transaction_.emplace(std::move(begun));
    return {};
}

Status CheckpointWriter::commit() {
    if (!transaction_) return {};
    auto committed = transaction_->commit();
    transaction_.reset();
    return committed;
}

Status CheckpointWriter::note(const storage::LogRow& row, storage::Place place) {
    SHIKAKU_TRY(open_transaction());
    SHIKAKU_TRY(store_.add(row, place));
    tree_.append(leaf_hash(row.leaf), full_);
    for (const FullTile& tile : full_)
        SHIKAKU_TRY(store_.add_tile(tile.level, tile.n, tile_bytes(tile.hashes)));
    full_.clear();
    return {};
}

Status CheckpointWriter::sign_and_commit() {
    SHIKAKU_TRY(open_transaction());
    signed_ = sign_checkpoint({origin_, tree_.size(), tree_.root()}, signer_);
    signed_at_ = std::chrono::steady_clock::now();
    ever_signed_ = true;
    // The clock may have been set back; the newest checkpoint is the one of the latest minute.
    const auto now = std::chrono::floor<std::chrono::minutes>(clock_.now());
    minute_ = std::max(minute_, static_cast<std::int64_t>(now.time_since_epoch().count()));
    SHIKAKU_TRY(store_.put_checkpoint(minute_, tree_.size(), signed_.text));
    SHIKAKU_TRY(commit());
    ++unsettled_;
    return {};
}

// Readers get the checkpoint before anyone waiting for it is called.
void CheckpointWriter::publish() {
    auto next = std::make_shared<const SignedTree>(signed_, tree_);
    std::vector<Waiting> covered;
    {
        const Lock lock(mutex_);
        latest_ = std::move(next);
        const auto still = std::ranges::partition(
            waiting_, [this](const Waiting& waiting)
                          SHIKAKU_REQUIRES(mutex_) { return waiting.index < latest_->size(); });
        covered.assign(std::make_move_iterator(waiting_.begin()),
                       std::make_move_iterator(still.begin()));
        waiting_.erase(waiting_.begin(), still.begin());
    }
    for (Waiting& waiting : covered)
        waiting.done({});
    anchors_->keep(signed_);
}

Status CheckpointWriter::settle_now_and_then() {
    if (unsettled_ < kCheckpointsToSettle) return {};
    SHIKAKU_TRY_LET(const auto settled, store_.settle());
    if (settled) {
        unsettled_ = 0;
    } else if (unsettled_ == kCheckpointsUnsettled) {
        log_warn("another program keeps log.db from being flushed; its write-ahead log grows",
                 {{"checkpoints", unsettled_}});
    }
    return {};
}

void CheckpointWriter::abandon() {
    transaction_.reset();
    full_.clear();
}

void CheckpointWriter::refuse_waiting(const Error& why) {
    std::vector<Waiting> waiting;
    {
        const Lock lock(mutex_);
        refusal_ = why;
        waiting.swap(waiting_);
    }
    for (Waiting& one : waiting)
        one.done(fail(why));
}

Status CheckpointWriter::catch_up(std::uint64_t durable_size) {
    const auto shown = latest();
    tree_ = shown->tree;
    signed_ = shown->checkpoint;  // a later one was not committed, nor shown
    SHIKAKU_TRY(store_.take_up(
        tree_.size(), storage::OldRecords::refused,
        [this](const storage::LogRow& row, storage::Place place) { return note(row, place); }));
    if (tree_.size() != durable_size)
        return fail(ErrorCode::corrupt, "log.entries does not hold what was acknowledged");
    if (all_covered()) {
        SHIKAKU_TRY(commit());
    } else {
        SHIKAKU_TRY(sign_and_commit());
    }
    publish();
    return settle_now_and_then();
}

void CheckpointWriter::resume() {
    const Lock lock(mutex_);
    refusal_.reset();
}

void CheckpointWriter::settle_for_good() {
    const auto settled = store_.settle();
    if (!settled)
        log_error("log.db could not be settled at the end", settled.error());
    else if (!*settled)
        log_warn("log.db could not be settled at the end: copy its write-ahead log with it");
}

std::shared_ptr<const SignedTree> CheckpointWriter::latest() const {
    const Lock lock(mutex_);
    return latest_;
}

void CheckpointWriter::when_covered(std::uint64_t index, std::uint64_t durable_size, Covered done) {
    Status answer;
    {
        const Lock lock(mutex_);
        if (index >= latest_->size()) {
            if (refusal_) {
                answer = fail(*refusal_);
            } else if (index >= durable_size) {
                answer = fail(ErrorCode::not_found, "no such entry");
            } else {
                waiting_.push_back({index, std::move(done)});
                return;
            }
        }
    }
    done(std::move(answer));
}

}  // namespace shikaku::audit
