#include "gateway/audit/log_writer.h"

#include <algorithm>
#include <utility>

#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::audit {

namespace {

Error stopped() {
    return {ErrorCode::audit_stopped, "the log cannot be written until a restart"};
}

Error no_room() {
    return {ErrorCode::audit_unavailable,
            "ログのディスクに空きがありません / the log's disk is full"};
}

prometheus::Gauge& writable() {
    static auto& found = gauge("shikaku_log_writable", "1: entries are accepted");
    return found;
}

}  // namespace

LogWriter::LogWriter(std::unique_ptr<storage::LogStorage> storage, RestoredLog restored,
                     std::string origin, std::unique_ptr<Anchors> anchors,
                     const crypto::SigningKey& signer, const Clock& clock)
    : storage_(std::move(storage)),
      checkpoints_(*storage_, std::move(restored), std::move(origin), std::move(anchors), signer,
                   clock),
      clock_(clock),
      durable_size_(checkpoints_.size()) {}

Status LogWriter::take_up() {
    SHIKAKU_TRY_LET(const bool anchored, checkpoints_.anchored());
    SHIKAKU_TRY_LET(const auto size, storage_->recover({.covered = checkpoints_.ever_covered(),
                                                        .anchored = anchored}));
    SHIKAKU_TRY(checkpoints_.take_up(size));
    durable_size_.store(size, std::memory_order_release);
    if (size == 0) return {};
    SHIKAKU_TRY_LET(last_time_, time_of_entry(*storage_, size - 1));
    return {};
}

Status LogWriter::start() {
    SHIKAKU_TRY(storage_->accept(to_compact_jst(clock_.now())));
    // Of before that, every token has expired.
    SHIKAKU_TRY_LET(const auto first,
                    first_entry_since(*storage_, durable_size(),
                                      last_time_ - bounds::kTokenLife - 2 * bounds::kClockSkew -
                                          bounds::kTokenMargin));
    SHIKAKU_TRY(storage_->remember_tokens(first));
    SHIKAKU_TRY(checkpoints_.start());
    writable().Set(1);
    thread_ = std::thread([this] { run(); });
    return {};
}

void LogWriter::stop() {
    if (!thread_.joinable()) return;
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    checkpoints_.stop_anchors();
}

void LogWriter::append(PendingEntry entry) {
    std::optional<Error> refused;
    bool wake = false;
    {
        const Lock lock(mutex_);
        if (!healthy()) {
            refused = state_ == State::stopped ? stopped() : no_room();
        } else if (queue_.size() >= bounds::kLogQueue ||
                   queued_bytes_ + entry.sealed.size() > bounds::kLogQueueBytes) {
            refused = Error{ErrorCode::overloaded, "too many entries wait for the log"};
        } else {
            queued_bytes_ += entry.sealed.size();
            queue_.push_back(std::move(entry));
            wake = std::exchange(asleep_, false);
        }
    }
    if (wake) wake_.notify_one();
    // NOLINTNEXTLINE(bugprone-use-after-move): what is refused was not queued
    if (refused) entry.done(fail(std::move(*refused)));
}

void LogWriter::run() {
    std::vector<PendingEntry> batch;
    Lock lock(mutex_);
    while (true) {
        wait_for_work(lock);
        share_the_flush(lock);
        batch.swap(queue_);
        queued_bytes_ = 0;
        const bool last = stopping_ && batch.empty();
        lock.unlock();
        if (state_ == State::waiting_for_room) {
            try_again();
        } else if (healthy()) {
            // On the way out everything is covered; otherwise at most once per period.
            const bool due = last ? !checkpoints_.all_covered()
                                  : std::chrono::steady_clock::now() >= checkpoints_.next_due();
            write(batch, due ? Covering::now : Covering::later);
        }
        batch.clear();
        if (last) {
            close();
            return;
        }
        lock.lock();
    }
}

void LogWriter::wait_for_work(Lock& lock) {
    const bool waits = state_ == State::waiting_for_room;
    const bool uncovered = healthy() && !checkpoints_.all_covered();
    const auto due = waits ? tried_at_ + bounds::kLogRetryEvery : checkpoints_.next_due();
    while (queue_.empty() && !stopping_) {
        asleep_ = true;
        if (!uncovered && !waits) {
            wake_.wait(lock.to_wait());
        } else if (wake_.wait_until(lock.to_wait(), due) == std::cv_status::timeout) {
            break;
        }
    }
    asleep_ = false;
}

// Where entries come together, those that come soon become durable with those that wait. Who
// appends meanwhile sends no signal.
void LogWriter::share_the_flush(Lock& lock) {
    if (last_group_size_ <= 1) return;
    const auto stops = [this]() SHIKAKU_REQUIRES(mutex_) { return stopping_; };
    wake_.wait_until(lock.to_wait(), last_group_began_ + bounds::kCommitEvery, stops);
    const bool busy = last_group_size_ >= bounds::kCommitTogether / 2;
    if (busy && queue_.size() < bounds::kCommitTogether)
        wake_.wait_until(lock.to_wait(), last_group_began_ + 2 * bounds::kCommitEvery, stops);
}

void LogWriter::write(std::vector<PendingEntry>& batch, Covering covering) {
    static auto& commit_seconds =
        latency_histogram("shikaku_log_commit_seconds", "One group commit of the log");
    if (!batch.empty()) {
        last_group_size_ = batch.size();
        last_group_began_ = std::chrono::steady_clock::now();
        lay_out(batch);
        bool answered = false;
        const auto appended = storage_->append(
            group_.entries, last_time_, [&](std::span<const storage::Placed> placed) {
                const std::chrono::duration<double> took =
                    std::chrono::steady_clock::now() - last_group_began_;
                commit_seconds.Observe(took.count());
                answered = true;
                acknowledge(batch, placed);
            });
        if (!appended && answered) return fail_with(appended.error(), {});
        if (!appended) return fail_with(appended.error(), batch);
        if (auto added = checkpoints_.add(group_.first, group_.appended); !added)
            return fail_with(added.error(), {});
    }
    if (covering == Covering::later) return;
    if (auto covered = checkpoints_.cover(); !covered) fail_with(covered.error(), {});
}

void LogWriter::lay_out(const std::vector<PendingEntry>& batch) {
    group_.times.clear();
    group_.leaves.clear();
    group_.entries.clear();
    group_.appended.clear();
    for (const PendingEntry& entry : batch) {
        last_time_ = std::max(last_time_, entry.time);
        group_.times.push_back(last_time_);
        group_.leaves.push_back(encode({last_time_, entry.kind, entry.commitment}));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        group_.entries.push_back(
            {.leaf = group_.leaves[i], .token = {}, .sealed = batch[i].sealed});
        if (batch[i].token) group_.entries.back().token = *batch[i].token;
    }
}

void LogWriter::acknowledge(std::vector<PendingEntry>& batch,
                            std::span<const storage::Placed> placed) {
    static auto& entries = counter("shikaku_log_entries_total", "Entries made durable");
    using How = storage::Placed::How;
    group_.first = durable_size();
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (placed[i].how != How::appended) continue;
        if (group_.appended.empty()) group_.first = placed[i].index;
        group_.appended.push_back(group_.leaves[i]);
    }
    entries.Increment(static_cast<double>(group_.appended.size()));
    durable_size_.store(group_.first + group_.appended.size(), std::memory_order_release);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (placed[i].how == How::replayed) {
            batch[i].done(fail(ErrorCode::token_replayed));
        } else {
            batch[i].done(Appended{.index = placed[i].index,
                                   .time = group_.times[i],
                                   .repeated = placed[i].how == How::repeated});
        }
    }
}

void LogWriter::fail_with(const Error& error, std::span<PendingEntry> unanswered) {
    if (error.code != ErrorCode::storage_full) {
        log_error("the log cannot be written; every later entry is refused until restart", error);
        refuse_all(State::stopped, "the log cannot be written until a restart: " + error.detail,
                   unanswered);
        return;
    }
    log_error("the log's disk is full; entries are refused until there is room", error);
    tried_at_ = std::chrono::steady_clock::now();
    refuse_all(State::waiting_for_room, "the log's disk is full: " + error.detail, unanswered);
}

void LogWriter::refuse_all(State state, std::string trouble, std::span<PendingEntry> unanswered) {
    const Error error = state == State::stopped ? stopped() : no_room();
    std::vector<PendingEntry> queued;
    {
        const Lock lock(mutex_);
        state_ = state;
        trouble_ = std::move(trouble);
        queued.swap(queue_);
        queued_bytes_ = 0;
    }
    writable().Set(0);
    for (PendingEntry& entry : unanswered)
        entry.done(fail(error));
    for (PendingEntry& entry : queued)
        entry.done(fail(error));
    checkpoints_.refuse_waiting(error);
}

// So that the storage as it lies there is a whole copy.
void LogWriter::close() {
    if (!healthy()) return;
    if (const auto safe = storage_->make_safe(); !safe)
        log_error("the log could not be settled at the end", safe.error());
}

void LogWriter::try_again() {
    tried_at_ = std::chrono::steady_clock::now();
    auto room = storage_->try_again();
    if (room) room = checkpoints_.catch_up(durable_size());
    if (!room && room.error().code == ErrorCode::storage_full) return;
    if (!room) return fail_with(room.error(), {});
    checkpoints_.resume();
    {
        const Lock lock(mutex_);
        state_ = State::writing;
        trouble_.clear();
    }
    writable().Set(1);
    log_info("the log can be written again", {{"entries", durable_size()}});
}

Log::Pulse LogWriter::pulse() const {
    const Lock lock(mutex_);
    return {
        .durable = durable_size(), .waiting = !queue_.empty(), .stopped = state_ == State::stopped};
}

std::string LogWriter::trouble() const {
    const Lock lock(mutex_);
    return trouble_;
}

}  // namespace shikaku::audit
