// Makes durable entries visible: into the tree, under signed checkpoints with the tiles that became
// full. See log.h for what is promised. A signature leaves the process only after storage has taken
// the checkpoint, and covers durable entries only.
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
#include "gateway/audit/entry.h"
#include "gateway/audit/log_restore.h"
#include "gateway/audit/tile_tree.h"
#include "gateway/storage/ports/log_storage.h"
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

    // `storage` and `signer` outlive it.
    CheckpointWriter(storage::LogStorage& storage, RestoredLog restored, std::string origin,
                     std::unique_ptr<Anchors> anchors, const crypto::SigningKey& signer,
                     const Clock& clock);

    // ---- Before the log's thread runs ----

    // Whether an anchor knows of a log.
    [[nodiscard]] Result<bool> anchored() { return anchors_->any(); }
    // What the newest checkpoint covers; nullopt: there is none.
    [[nodiscard]] std::optional<std::uint64_t> ever_covered() const;
    // Into the tree: the entries up to before `end`, which are durable. Signs nothing.
    [[nodiscard]] Status take_up(std::uint64_t end);
    // That what there is now holds every anchor.
    [[nodiscard]] Status compare_anchors();
    // Signs what the restored log has not covered yet (and the empty tree of a new log), and writes
    // the anchors.
    [[nodiscard]] Status start();
    // After the last call of the log's thread.
    void stop_anchors() { anchors_->stop(); }

    // ---- Of the log's thread ----

    // Entries in the tree, and whether the last checkpoint covers them.
    [[nodiscard]] std::uint64_t size() const { return tree_.size(); }
    [[nodiscard]] bool all_covered() const { return ever_covered() == size(); }
    [[nodiscard]] SteadyTime next_due() const;

    // The leaves of durable entries from `first` on; covered by a later checkpoint. Entries between
    // are somebody else's, and are read.
    [[nodiscard]] Status add(std::uint64_t first, std::span<const LeafBytes> leaves);
    // Signs the tree as it is now, tells readers and whoever waits.
    [[nodiscard]] Status cover();
    // Whoever waits hears `why`, as does who asks before resume().
    void refuse_waiting(const Error& why);
    // After a failure, from what is visible on, up to entry `end`.
    [[nodiscard]] Status catch_up(std::uint64_t end);
    void resume();

    // ---- Of any thread ----

    [[nodiscard]] std::shared_ptr<const SignedTree> latest() const;
    // Log::when_covered, of a log of which `durable_size` entries are durable.
    void when_covered(std::uint64_t index, std::uint64_t durable_size, Covered done);

  private:
    struct Waiting {
        std::uint64_t index;
        Covered done;
    };

    [[nodiscard]] Status put_tiles();
    // Storage has the checkpoint when this succeeds: publish() it before anything else can fail,
    // since catch_up() starts from what is published.
    [[nodiscard]] Status sign();
    void publish();

    storage::LogStorage& storage_;
    TileTree tree_;                // over durable entries only
    std::vector<FullTile> tiles_;  // full since the last checkpoint, and not stored
    std::int64_t minute_;
    std::string origin_;
    std::unique_ptr<Anchors> anchors_;
    const crypto::SigningKey& signer_;
    const Clock& clock_;
    std::optional<SignedCheckpoint> signed_;  // nullopt: a log that is being made
    SteadyTime signed_at_{};

    mutable Mutex mutex_;
    std::optional<Error> refusal_ SHIKAKU_GUARDED_BY(mutex_);  // nothing more is covered
    std::vector<Waiting> waiting_ SHIKAKU_GUARDED_BY(mutex_);
    std::shared_ptr<const SignedTree> latest_ SHIKAKU_GUARDED_BY(mutex_);
};

}  // namespace shikaku::audit
