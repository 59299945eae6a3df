#include "gateway/audit/log_writer.h"

#include <algorithm>
#include <utility>

#include "gateway/audit/merkle.h"
#include "gateway/storage/log_schema.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::audit {

namespace {

// At full load some 300 KB of log.db each.
constexpr std::uint64_t kCheckpointsToSettle = 5;
// So many without one, a minute at least, are told.
constexpr std::uint64_t kCheckpointsUnsettled = 600;
// Entries of one transaction while a start takes up what log.db lacks.
constexpr std::uint64_t kTakenUpAtOnce = 4096;

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

Status LogWriter::compare_anchors(storage::LogReader& reader,
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

Status LogWriter::start() {
    SHIKAKU_TRY(store_.accept(to_compact_jst(clock_.now())));
    if (restored_ && restored_->checkpoint.size == tree_.size()) {
        signed_ = std::move(*restored_);
    } else {
        SHIKAKU_TRY(follow(true));
        SHIKAKU_TRY_LET(const auto settled, store_.settle());
        if (!settled)
            return fail(ErrorCode::storage_unavailable,
                        "log.db cannot be flushed: another program has it open and is moving its "
                        "write-ahead log; close that and start again");
    }
    restored_.reset();
    SHIKAKU_TRY(anchors_->start(signed_));
    publish();
    writable().Set(1);
    thread_ = std::thread([this] { run(); });
    return {};
}

LogWriter::LogWriter(storage::LogStore store, RestoredLog restored, std::string origin,
                     std::unique_ptr<Anchors> anchors, const crypto::SigningKey& signer,
                     const Clock& clock)
    : store_(std::move(store)),
      tree_(std::move(restored.tree)),
      last_time_(restored.last_time),
      minute_(restored.minute),
      origin_(std::move(origin)),
      anchors_(std::move(anchors)),
      restored_(std::move(restored.checkpoint)),
      signer_(signer),
      clock_(clock),
      durable_size_(tree_.size()) {}

void LogWriter::stop() {
    if (!thread_.joinable()) return;
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    anchors_->stop();
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
    if (refused) entry.done(fail(std::move(*refused)));
}

void LogWriter::when_covered(std::uint64_t index, std::move_only_function<void(Status)> done) {
    Status answer;
    {
        const Lock lock(mutex_);
        if (index >= published_->size()) {
            if (!healthy()) {
                answer = fail(state_ == State::stopped ? stopped() : no_room());
            } else if (index >= durable_size()) {
                answer = fail(ErrorCode::not_found, "no such entry");
            } else {
                waiting_.push_back({index, std::move(done)});
                return;
            }
        }
    }
    done(std::move(answer));
}

std::shared_ptr<const Published> LogWriter::published() const {
    const Lock lock(mutex_);
    return published_;
}

void LogWriter::run() {
    std::vector<PendingEntry> batch;
    Lock lock(mutex_);
    while (true) {
        wait_for_work(lock);
        wait_for_company(lock);
        batch.swap(queue_);
        queued_bytes_ = 0;
        const bool last = stopping_ && batch.empty();
        const bool uncovered = tree_.size() > signed_.checkpoint.size;
        lock.unlock();
        if (state_ == State::waiting_for_room) {
            try_again();
        } else if (healthy()) {
            // On the way out everything is covered; otherwise at most once per period.
            const bool sign = last ? uncovered : checkpoint_due();
            if (!batch.empty()) write(batch);
            if (healthy() && (sign || !batch.empty())) show(sign);
        }
        batch.clear();
        if (last) {
            settle_for_good();
            return;
        }
        lock.lock();
    }
}

void LogWriter::wait_for_work(Lock& lock) {
    const bool waits = state_ == State::waiting_for_room;
    const bool uncovered = healthy() && tree_.size() > signed_.checkpoint.size;
    const auto due =
        waits ? tried_at_ + bounds::kLogRetryEvery : signed_at_ + bounds::kCheckpointEvery;
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

// Who appends meanwhile sends no signal.
void LogWriter::wait_for_company(Lock& lock) {
    const bool in_company = times_.size() > 1;
    if (!in_company) return;
    const auto stops = [this]() SHIKAKU_REQUIRES(mutex_) { return stopping_; };
    wake_.wait_until(lock.to_wait(), began_ + bounds::kCommitEvery, stops);
    const bool busy = times_.size() >= bounds::kCommitTogether / 2;
    if (busy && queue_.size() < bounds::kCommitTogether)
        wake_.wait_until(lock.to_wait(), began_ + 2 * bounds::kCommitEvery, stops);
}

bool LogWriter::checkpoint_due() const {
    return std::chrono::steady_clock::now() - signed_at_ >= bounds::kCheckpointEvery;
}

Status LogWriter::take_up() {
    const std::uint64_t first = tree_.size();
    const auto take = [&](const storage::LogRow& row, storage::Place place) -> Status {
        // A log signs the empty tree, durably, before its first entry.
        if (!restored_)
            return fail(ErrorCode::corrupt,
                        "log.entries has entries but log.db knows of none: restore log.db");
        SHIKAKU_TRY_LET(const auto leaf, decode_leaf(row.leaf));
        last_time_ = leaf.time;
        SHIKAKU_TRY(note(row, place));
        return (tree_.size() - first) % kTakenUpAtOnce == 0 ? commit() : Status{};
    };
    SHIKAKU_TRY_LET(const auto anchored, anchors_->any());
    SHIKAKU_TRY(store_.take_up(
        restored_ ? restored_->checkpoint.size : 0,
        anchored ? storage::OldRecords::refused : storage::OldRecords::accepted, take));
    SHIKAKU_TRY(commit());
    durable_size_.store(tree_.size(), std::memory_order_release);
    if (tree_.size() > first)
        log_info("entries that log.db had not noted are taken up",
                 {{"first", first}, {"entries", tree_.size() - first}});
    return {};
}

void LogWriter::write(std::vector<PendingEntry>& batch) {
    static auto& commit_seconds =
        latency_histogram("shikaku_log_commit_seconds", "One group commit of the log");
    static auto& entries = counter("shikaku_log_entries_total", "Entries made durable");
    began_ = std::chrono::steady_clock::now();
    const std::uint64_t first = durable_size();
    lay_out(batch, first);
    if (auto appended = store_.append(rows_, places_); !appended) {
        rows_.clear();
        fail_with(appended.error(), batch);
        return;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    commit_seconds.Observe(took.count());
    entries.Increment(static_cast<double>(batch.size()));
    durable_size_.store(first + batch.size(), std::memory_order_release);
    acknowledge(batch, first);
}

void LogWriter::lay_out(const std::vector<PendingEntry>& batch, std::uint64_t first) {
    leaves_.clear();
    times_.clear();
    rows_.clear();
    for (const PendingEntry& entry : batch) {
        last_time_ = std::max(last_time_, entry.time);
        times_.push_back(last_time_);
        leaves_.push_back(encode({last_time_, entry.kind, entry.commitment}));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const PendingEntry& entry = batch[i];
        rows_.push_back(
            {.index = first + i, .leaf = leaves_[i], .token = {}, .sealed = entry.sealed});
        if (entry.token) rows_.back().token = *entry.token;
    }
}

void LogWriter::show(bool sign) {
    auto done = follow(sign);
    if (done && sign) {
        publish();
        done = settle_now_and_then();
    }
    if (done) return;
    rows_.clear();
    std::vector<PendingEntry> none;
    fail_with(done.error(), none);
}

Status LogWriter::follow(bool sign) {
    for (std::size_t i = 0; i < rows_.size(); ++i)
        SHIKAKU_TRY(note(rows_[i], places_[i]));
    rows_.clear();
    if (!sign) return {};
    SHIKAKU_TRY(open_transaction());
    SHIKAKU_TRY(sign_tree());
    SHIKAKU_TRY(commit());
    ++checkpoints_;
    return {};
}

Status LogWriter::settle_now_and_then() {
    if (checkpoints_ < kCheckpointsToSettle) return {};
    SHIKAKU_TRY_LET(const auto settled, store_.settle());
    if (settled) {
        checkpoints_ = 0;
    } else if (checkpoints_ == kCheckpointsUnsettled) {
        log_warn("another program keeps log.db from being flushed; its write-ahead log grows",
                 {{"checkpoints", checkpoints_}});
    }
    return {};
}

Status LogWriter::commit() {
    if (!transaction_) return {};
    auto committed = transaction_->commit();
    transaction_.reset();
    return committed;
}

Status LogWriter::open_transaction() {
    if (transaction_) return {};
    SHIKAKU_TRY_LET(auto begun, store_.begin());
    transaction_.emplace(std::move(begun));
    return {};
}

Status LogWriter::note(const storage::LogRow& row, storage::Place place) {
    SHIKAKU_TRY(open_transaction());
    SHIKAKU_TRY(store_.add(row, place));
    tree_.append(leaf_hash(row.leaf), full_);
    for (const FullTile& tile : full_)
        SHIKAKU_TRY(store_.add_tile(tile.level, tile.n, tile_bytes(tile.hashes)));
    full_.clear();
    return {};
}

Status LogWriter::sign_tree() {
    signed_ = sign_checkpoint({origin_, tree_.size(), tree_.root()}, signer_);
    signed_at_ = std::chrono::steady_clock::now();
    const auto now = std::chrono::floor<std::chrono::minutes>(clock_.now());
    minute_ = std::max(minute_, static_cast<std::int64_t>(now.time_since_epoch().count()));
    return store_.put_checkpoint(minute_, tree_.size(), signed_.text);
}

void LogWriter::acknowledge(std::vector<PendingEntry>& batch, std::uint64_t first) {
    for (std::size_t i = 0; i < batch.size(); ++i)
        batch[i].done(Appended{first + i, times_[i]});
}

// Readers get the checkpoint before anyone waiting for it is called.
void LogWriter::publish() {
    auto next = std::make_shared<const Published>(signed_, tree_);
    std::vector<Waiting> covered;
    {
        const Lock lock(mutex_);
        published_ = std::move(next);
        const auto still = std::ranges::partition(
            waiting_, [this](const Waiting& waiting)
                          SHIKAKU_REQUIRES(mutex_) { return waiting.index < published_->size(); });
        covered.assign(std::make_move_iterator(waiting_.begin()),
                       std::make_move_iterator(still.begin()));
        waiting_.erase(waiting_.begin(), still.begin());
    }
    for (Waiting& waiting : covered)
        waiting.done({});
    anchors_->keep(signed_);
}

void LogWriter::fail_with(const Error& error, std::vector<PendingEntry>& batch) {
    transaction_.reset();
    full_.clear();
    if (error.code != ErrorCode::storage_full) {
        log_error("the log cannot be written; every later entry is refused until restart", error);
        refuse_all(State::stopped, "the log cannot be written until a restart: " + error.detail,
                   batch);
        return;
    }
    log_error("the log's disk is full; entries are refused until there is room", error);
    tried_at_ = std::chrono::steady_clock::now();
    refuse_all(State::waiting_for_room, "the log's disk is full: " + error.detail, batch);
}

void LogWriter::refuse_all(State state, std::string trouble, std::vector<PendingEntry>& batch) {
    const Error error = state == State::stopped ? stopped() : no_room();
    std::vector<PendingEntry> queued;
    std::vector<Waiting> waiting;
    {
        const Lock lock(mutex_);
        state_ = state;
        trouble_ = std::move(trouble);
        queued.swap(queue_);
        queued_bytes_ = 0;
        waiting.swap(waiting_);
    }
    writable().Set(0);
    for (PendingEntry& entry : batch)
        entry.done(fail(error));
    for (PendingEntry& entry : queued)
        entry.done(fail(error));
    for (Waiting& one : waiting)
        one.done(fail(error));
}

void LogWriter::try_again() {
    tried_at_ = std::chrono::steady_clock::now();
    auto room = store_.make_room();
    if (room) room = catch_up();
    if (room) {
        publish();
        room = settle_now_and_then();
    }
    std::vector<PendingEntry> none;
    if (!room && room.error().code == ErrorCode::storage_full) {
        transaction_.reset();
        full_.clear();
        return;
    }
    if (!room) {
        fail_with(room.error(), none);
        return;
    }
    {
        const Lock lock(mutex_);
        state_ = State::writing;
        trouble_.clear();
    }
    writable().Set(1);
    log_info("the log can be written again", {{"entries", durable_size()}});
}

Status LogWriter::catch_up() {
    const auto shown = published();
    tree_ = shown->tree;
    signed_ = shown->signed_checkpoint;  // a later one was not committed, nor shown
    SHIKAKU_TRY(store_.take_up(
        tree_.size(), storage::OldRecords::refused,
        [this](const storage::LogRow& row, storage::Place place) { return note(row, place); }));
    if (tree_.size() != durable_size())
        return fail(ErrorCode::corrupt, "log.entries does not hold what was acknowledged");
    return tree_.size() > signed_.checkpoint.size ? follow(true) : commit();
}

// So that log.db alone, without its write-ahead log, is a whole copy.
void LogWriter::settle_for_good() {
    if (!healthy()) return;
    const auto settled = store_.settle();
    if (!settled)
        log_error("log.db could not be settled at the end", settled.error());
    else if (!*settled)
        log_warn("log.db could not be settled at the end: copy its write-ahead log with it");
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
