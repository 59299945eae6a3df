// The one thread that writes the log: takes all that is queued, hands it to storage as one group,
// then calls back in order; readers see it with the checkpoint that covers it
// (checkpoint_writer.h). See log.h for what is promised; this is how.
//
// - Entries that come one by one are written at once. When the last group had more than one, the
//   next begins no sooner than bounds::kCommitEvery after it, under load up to twice that: what a
//   flush costs is then shared.
// - A signal is sent only to a sleeping writer; one at work finds the queue when it comes back.
// - When the last checkpoint is older than bounds::kCheckpointEvery another is signed, else the
//   writer wakes itself when that time has come.
// - A full disk leaves known what is on it: of a group that found no room nothing is there. The
//   writer then refuses entries, tries again every bounds::kLogRetryEvery, and goes on.
// - After any other failed write nothing is written any more: waiting and later entries fail.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "gateway/audit/checkpoint_writer.h"
#include "gateway/audit/log.h"

namespace shikaku::audit {

struct PendingEntry {
    Kind kind = Kind::eligibility;
    Instant time{};
    Hash256 commitment{};
    Bytes sealed;
    std::optional<storage::TokenBytes> token;
    AppendDone done;
};

class LogWriter {
  public:
    // `signer` outlives the writer.
    LogWriter(std::unique_ptr<storage::LogStorage> storage, RestoredLog restored,
              std::string origin, std::unique_ptr<Anchors> anchors,
              const crypto::SigningKey& signer, const Clock& clock);
    // What a crash left, into order; signs nothing.
    [[nodiscard]] Status take_up();
    // That what there is now holds every anchor.
    [[nodiscard]] Status compare_anchors() { return checkpoints_.compare_anchors(); }
    // Signs what is not signed, then starts the thread.
    [[nodiscard]] Status start();
    ~LogWriter() { stop(); }
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    // Writes what is queued, signs it, ends the thread.
    void stop();

    void append(PendingEntry entry);
    void when_covered(std::uint64_t index, std::move_only_function<void(Status)> done) {
        checkpoints_.when_covered(index, durable_size(), std::move(done));
    }
    [[nodiscard]] bool healthy() const { return state_.load() == State::writing; }
    [[nodiscard]] std::string trouble() const;  // empty: none
    [[nodiscard]] Log::Pulse pulse() const;
    [[nodiscard]] std::uint64_t durable_size() const {
        return durable_size_.load(std::memory_order_acquire);
    }
    [[nodiscard]] std::shared_ptr<const SignedTree> latest() const { return checkpoints_.latest(); }
    [[nodiscard]] storage::LogStorage& storage() const { return *storage_; }

  private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    enum class State : std::uint8_t {
        writing,
        waiting_for_room,
        stopped,  // what is on disk is unknown
    };
    // Entries that become durable together.
    struct Group {
        std::vector<Instant> times;
        std::vector<LeafBytes> leaves;
        std::vector<storage::NewEntry> entries;  // views of the leaves, and of what is pending
        // Of those that were appended, once they are durable.
        std::uint64_t first = 0;
        std::vector<LeafBytes> appended;
    };

    void run();
    void wait_for_work(Lock& lock) SHIKAKU_REQUIRES(mutex_);
    void share_the_flush(Lock& lock) SHIKAKU_REQUIRES(mutex_);
    enum class Covering : std::uint8_t { later, now };
    void write(std::vector<PendingEntry>& batch, Covering covering);
    void lay_out(const std::vector<PendingEntry>& batch);
    void acknowledge(std::vector<PendingEntry>& batch, std::span<const storage::Placed> placed);
    // By what has failed: no room, or anything else. `unanswered` and the queue are refused.
    void fail_with(const Error& error, std::span<PendingEntry> unanswered);
    void refuse_all(State state, std::string trouble, std::span<PendingEntry> unanswered);
    void try_again();
    void close();

    // Of the writer's thread alone.
    std::unique_ptr<storage::LogStorage> storage_;
    Instant last_time_{};  // of the last entry: times never decrease
    CheckpointWriter checkpoints_;
    const Clock& clock_;
    Group group_;
    std::size_t last_group_size_ = 0;
    SteadyTime last_group_began_{};
    SteadyTime tried_at_{};  // the last time without room

    std::atomic<std::uint64_t> durable_size_;
    std::atomic<State> state_{State::writing};

    mutable Mutex mutex_;
    std::condition_variable wake_;
    bool asleep_ SHIKAKU_GUARDED_BY(mutex_) = false;
    bool stopping_ SHIKAKU_GUARDED_BY(mutex_) = false;
    std::vector<PendingEntry> queue_ SHIKAKU_GUARDED_BY(mutex_);
    std::size_t queued_bytes_ SHIKAKU_GUARDED_BY(mutex_) = 0;
    std::string trouble_ SHIKAKU_GUARDED_BY(mutex_);

    std::thread thread_;
};

}  // namespace shikaku::audit
