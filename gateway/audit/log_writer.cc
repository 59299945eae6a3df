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

LogWriter::LogWriter(storage::LogStore store, RestoredLog restored, std::string origin,
                     std::unique_ptr<Anchors> anchors, const crypto::SigningKey& signer,
                     const Clock& clock)
    : store_(std::move(store)),
      last_time_(restored.last_time),
      checkpoints_(store_, std::move(restored), std::move(origin), std::move(anchors), signer,
                   clock),
      clock_(clock),
      durable_size_(checkpoints_.size()) {}

Status LogWriter::take_up() {
    const auto take = [this](const storage::LogRow& row, storage::Place place) -> Status {
        SHIKAKU_TRY(checkpoints_.take_up(row, place));
        SHIKAKU_TRY_LET(const auto leaf, decode_leaf(row.leaf));
        last_time_ = leaf.time;
        return {};
    };
    SHIKAKU_TRY_LET(const auto anchored, checkpoints_.anchored());
    const auto first = checkpoints_.size();
    SHIKAKU_TRY(store_.take_up(
        checkpoints_.covered(),
        anchored ? storage::OldRecords::refused : storage::OldRecords::accepted, take));
    SHIKAKU_TRY(checkpoints_.commit());
    durable_size_.store(checkpoints_.size(), std::memory_order_release);
    if (durable_size() > first)
        log_info("entries that log.db had not noted are taken up",
                 {{"first", first}, {"entries", durable_size() - first}});
    return {};
}

Status LogWriter::start() {
    SHIKAKU_TRY(store_.accept(to_compact_jst(clock_.now())));
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
            if (healthy()) checkpoints_.settle_for_good();
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
    if (!batch.empty()) {
        if (auto durable = make_durable(batch); !durable) return fail_with(durable.error(), batch);
        acknowledge(batch);
        if (auto noted = checkpoints_.add(group_.rows, group_.places); !noted)
            return fail_with(noted.error(), {});
    }
    if (covering == Covering::later) return;
    if (auto covered = checkpoints_.cover(); !covered) fail_with(covered.error(), {});
}

void LogWriter::lay_out(const std::vector<PendingEntry>& batch, std::uint64_t first) {
    group_.leaves.clear();
    group_.times.clear();
    group_.rows.clear();
    for (const PendingEntry& entry : batch) {
        last_time_ = std::max(last_time_, entry.time);
        group_.times.push_back(last_time_);
        group_.leaves.push_back(encode({last_time_, entry.kind, entry.commitment}));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const PendingEntry& entry = batch[i];
        group_.rows.push_back(
            {.index = first + i, .leaf = group_.leaves[i], .token = {}, .sealed = entry.sealed});
        if (entry.token) group_.rows.back().token = *entry.token;
    }
}

Status LogWriter::make_durable(const std::vector<PendingEntry>& batch) {
    static auto& commit_seconds =
        latency_histogram("shikaku_log_commit_seconds", "One group commit of the log");
    static auto& entries = counter("shikaku_log_entries_total", "Entries made durable");
    last_group_size_ = batch.size();
    last_group_began_ = std::chrono::steady_clock::now();
    const std::uint64_t first = durable_size();
    lay_out(batch, first);
    SHIKAKU_TRY(store_.append(group_.rows, group_.places));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - last_group_began_;
    commit_seconds.Observe(took.count());
    entries.Increment(static_cast<double>(batch.size()));
    durable_size_.store(first + batch.size(), std::memory_order_release);
    return {};
}

void LogWriter::acknowledge(std::vector<PendingEntry>& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i)
        batch[i].done(Appended{group_.rows[i].index, group_.times[i]});
}

void LogWriter::fail_with(const Error& error, std::span<PendingEntry> unanswered) {
    checkpoints_.abandon();
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

void LogWriter::try_again() {
    tried_at_ = std::chrono::steady_clock::now();
    auto room = store_.make_room();
    if (room) room = checkpoints_.catch_up(durable_size());
    if (!room && room.error().code == ErrorCode::storage_full) return checkpoints_.abandon();
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
