// The one thread that writes the log: takes all that is queued, one write and one flush to
// log.entries, then the callbacks in order; what readers see follows in log.db, with the checkpoint
// that covers it. See log.h for what is promised; this is how.
//
// - Entries that come one by one are written at once. When the last commit had more than one, the
//   next begins no sooner than bounds::kCommitEvery after it, under load up to twice that: what a
//   flush costs is then shared.
// - A signal is sent only to a sleeping writer; one at work finds the queue when it comes back.
// - log.db's transaction stays open from one checkpoint to the next; a checkpoint is signed inside
//   it when the last one is older than bounds::kCheckpointEvery, else the writer wakes itself when
//   that time has come. A signature leaves the process only after its transaction has been
//   committed, and covers durable entries only.
// - A full disk leaves known what is on it: of a group that found no room nothing is there, and
//   what log.db could not take is in log.entries. The writer then refuses entries, tries again
//   every bounds::kLogRetryEvery, and goes on from log.entries.
// - After any other failed write nothing is written any more: waiting and later entries fail.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/audit/anchors.h"
#include "gateway/audit/log.h"
#include "gateway/audit/log_restore.h"
#include "gateway/audit/tile_tree.h"
#include "gateway/storage/log_store.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::audit {

inline constexpr std::size_t kTokenBytes = 32;  // key 16 || expires u64be || request 8

struct PendingEntry {
    Kind kind = Kind::eligibility;
    Instant time{};
    Hash256 commitment{};
    Bytes sealed;
    std::optional<std::array<std::uint8_t, kTokenBytes>> token;
    AppendDone done;
};

// The latest durable checkpoint and the tree it signs.
struct Published {
    SignedCheckpoint signed_checkpoint;
    TileTree tree;
    [[nodiscard]] std::uint64_t size() const { return tree.size(); }
};

class LogWriter {
  public:
    // `signer` outlives the writer.
    LogWriter(storage::LogStore store, RestoredLog restored, std::string origin,
              std::unique_ptr<Anchors> anchors, const crypto::SigningKey& signer,
              const Clock& clock);
    // What a crash left between log.entries and log.db, into log.db; signs nothing.
    [[nodiscard]] Status take_up();
    // That what there is now holds every anchor; `reader` is of the same log.db.
    [[nodiscard]] Status compare_anchors(storage::LogReader& reader,
                                         const std::filesystem::path& database);
    // Signs what the restored log has not covered yet (and the empty tree of a new log), writes the
    // anchors, then starts the thread.
    [[nodiscard]] Status start();
    ~LogWriter() { stop(); }
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    // Writes what is queued, signs it, ends the thread.
    void stop();

    void append(PendingEntry entry);
    void when_covered(std::uint64_t index, std::move_only_function<void(Status)> done);
    [[nodiscard]] bool healthy() const { return state_.load() == State::writing; }
    [[nodiscard]] std::string trouble() const;  // empty: none
    [[nodiscard]] Log::Pulse pulse() const;
    [[nodiscard]] std::uint64_t durable_size() const {
        return durable_size_.load(std::memory_order_acquire);
    }
    [[nodiscard]] std::shared_ptr<const Published> published() const;

  private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    enum class State : std::uint8_t {
        writing,
        waiting_for_room,
        stopped,  // what is on disk is unknown
    };
    struct Waiting {
        std::uint64_t index;
        std::move_only_function<void(Status)> done;
    };

    void run();
    void wait_for_work(Lock& lock) SHIKAKU_REQUIRES(mutex_);
    void wait_for_company(Lock& lock) SHIKAKU_REQUIRES(mutex_);
    [[nodiscard]] bool checkpoint_due() const;
    [[nodiscard]] Status commit();
    // Makes the batch durable and says so; on failure nothing was acknowledged.
    void write(std::vector<PendingEntry>& batch);
    // The batch as rows, from index `first` on.
    void lay_out(const std::vector<PendingEntry>& batch, std::uint64_t first);
    void acknowledge(std::vector<PendingEntry>& batch, std::uint64_t first);
    // What write() made durable, into tree and log.db, and with a checkpoint to the readers.
    void show(bool sign);
    // A checkpoint is committed when this succeeds: publish() it before anything else can fail,
    // since catch_up() starts from what is published.
    [[nodiscard]] Status follow(bool sign);
    [[nodiscard]] Status settle_now_and_then();
    [[nodiscard]] Status open_transaction();
    [[nodiscard]] Status note(const storage::LogRow& row, storage::Place place);
    [[nodiscard]] Status sign_tree();
    void publish();
    // By what has failed: no room, or anything else.
    void fail_with(const Error& error, std::vector<PendingEntry>& batch);
    void refuse_all(State state, std::string trouble, std::vector<PendingEntry>& batch);
    void try_again();
    // log.db from what is published on, out of log.entries.
    [[nodiscard]] Status catch_up();
    void settle_for_good();

    // Of the writer's thread alone.
    storage::LogStore store_;
    std::optional<storage::Transaction> transaction_;  // log.db's, since the last checkpoint
    TileTree tree_;                                    // over durable entries only
    Instant last_time_;
    std::int64_t minute_;
    std::string origin_;
    std::unique_ptr<Anchors> anchors_;
    std::optional<SignedCheckpoint> restored_;  // until start()
    const crypto::SigningKey& signer_;
    const Clock& clock_;
    SignedCheckpoint signed_;
    SteadyTime signed_at_{};
    std::uint64_t checkpoints_ = 0;  // since the last time log.db was settled
    SteadyTime began_{};             // the last commit
    SteadyTime tried_at_{};          // the last time without room

    // The batch at hand.
    std::vector<LeafBytes> leaves_;
    std::vector<Instant> times_;
    std::vector<storage::LogRow> rows_;
    std::vector<storage::Place> places_;
    std::vector<FullTile> full_;

    std::atomic<std::uint64_t> durable_size_;
    std::atomic<State> state_{State::writing};

    mutable Mutex mutex_;
    std::condition_variable wake_;
    bool asleep_ SHIKAKU_GUARDED_BY(mutex_) = false;
    bool stopping_ SHIKAKU_GUARDED_BY(mutex_) = false;
    std::vector<PendingEntry> queue_ SHIKAKU_GUARDED_BY(mutex_);
    std::size_t queued_bytes_ SHIKAKU_GUARDED_BY(mutex_) = 0;
    std::string trouble_ SHIKAKU_GUARDED_BY(mutex_);
    std::vector<Waiting> waiting_ SHIKAKU_GUARDED_BY(mutex_);
    std::shared_ptr<const Published> published_ SHIKAKU_GUARDED_BY(mutex_);

    std::thread thread_;
};

}  // namespace shikaku::audit
