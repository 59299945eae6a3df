// Makes durable entries visible: into the tree, with its full tiles into log.db, under signed
// checkpoints. See log.h for what is promised.
//
// - log.db's transaction stays open from one checkpoint to the next; a checkpoint is signed inside
//   it. A signature leaves the process only after its transaction has been committed, and covers
//   durable entries only.
// - What log.db could not take is in log.entries: after a failure for want of room catch_up() goes
//   on from there.
//
// What is under "of the log's thread" is called by one thread, the one that makes entries durable;
// the rest by any.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/audit/anchors.h"
#include "gateway/audit/log_restore.h"
#include "gateway/audit/tile_tree.h"
#include "gateway/storage/log_store.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::audit {

// The latest durable checkpoint and the tree it signs.
struct SignedTree {
    SignedCheckpoint checkpoint;
    TileTree tree;
    [[nodiscard]] std::uint64_t size() const { return tree.size(); }
};

class CheckpointWriter {
  public:
    using SteadyTime = std::chrono::steady_clock::time_point;
    using Covered = std::move_only_function<void(Status)>;

    // `store` and `signer` outlive it.
    CheckpointWriter(storage::LogStore& store, RestoredLog restored, std::string origin,
                     std::unique_ptr<Anchors> anchors, const crypto::SigningKey& signer,
                     const Clock& clock);

    // ---- Before the log's thread runs ----

    // One entry that a crash left in log.entries alone; signs nothing. To be ended by commit().
    [[nodiscard]] Status take_up(const storage::LogRow& row, storage::Place place);
    // Whether an anchor knows of a log.
    [[nodiscard]] Result<bool> anchored() { return anchors_->any(); }
    // That what there is now holds every anchor; `reader` is of the same log.db.
    [[nodiscard]] Status compare_anchors(storage::LogReader& reader,
                                         const std::filesystem::path& database);
    // Signs what the restored log has not covered yet (and the empty tree of a new log), and writes
    // the anchors.
    [[nodiscard]] Status start();
    // After the last call of the log's thread.
    void stop_anchors() { anchors_->stop(); }

    // ---- Of the log's thread ----

    // Entries in the tree, and how many of them the last checkpoint covers.
    [[nodiscard]] std::uint64_t size() const { return tree_.size(); }
    [[nodiscard]] std::uint64_t covered() const { return signed_.checkpoint.size; }
    [[nodiscard]] bool all_covered() const { return size() == covered(); }
    [[nodiscard]] SteadyTime next_due() const;

    // Durable entries, the next in order; covered by a later checkpoint.
    [[nodiscard]] Status add(std::span<const storage::LogRow> rows,
                             std::span<const storage::Place> places);
    // Signs the tree as it is now, tells readers and whoever waits.
    [[nodiscard]] Status cover();
    [[nodiscard]] Status commit();
    // After add() or cover() failed: forgets what was under way, and whoever waits hears `why`, as
    // does who asks before resume().
    void abandon();
    void refuse_waiting(const Error& why);
    // From what is visible on, out of log.entries, up to its entry `durable_size`.
    [[nodiscard]] Status catch_up(std::uint64_t durable_size);
    void resume();
    // So that log.db alone, without its write-ahead log, is a whole copy.
    void settle_for_good();

    // ---- Of any thread ----

    [[nodiscard]] std::shared_ptr<const SignedTree> latest() const;
    // Log::when_covered, of a log of which `durable_size` entries are durable.
    void when_covered(std::uint64_t index, std::uint64_t durable_size, Covered done);

  private:
    struct Waiting {
        std::uint64_t index;
        Covered done;
    };

    [[nodiscard]] Status open_transaction();
    [[nodiscard]] Status note(const storage::LogRow& row, storage::Place place);
    // A checkpoint is committed when this succeeds: publish() it before anything else can fail,
    // since catch_up() starts from what is published.
    [[nodiscard]] Status sign_and_commit();
    void publish();
    [[nodiscard]] Status settle_now_and_then();

    storage::LogStore& store_;
    std::optional<storage::Transaction> transaction_;  // log.db's, since the last checkpoint
    TileTree tree_;                                    // over durable entries only
    std::vector<FullTile> full_;                       // of the entry that note() is at
    std::int64_t minute_;
    std::string origin_;
    std::unique_ptr<Anchors> anchors_;
    bool ever_signed_;
    const crypto::SigningKey& signer_;
    const Clock& clock_;
    SignedCheckpoint signed_;
    SteadyTime signed_at_{};
    std::uint64_t unsettled_ = 0;  // checkpoints since log.db was settled

    mutable Mutex mutex_;
    std::optional<Error> refusal_ SHIKAKU_GUARDED_BY(mutex_);  // nothing more is covered
    std::vector<Waiting> waiting_ SHIKAKU_GUARDED_BY(mutex_);
    std::shared_ptr<const SignedTree> latest_ SHIKAKU_GUARDED_BY(mutex_);
};

}  // namespace shikaku::audit
