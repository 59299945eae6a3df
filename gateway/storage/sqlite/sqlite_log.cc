#include "gateway/storage/sqlite/sqlite_log.h"

#include <algorithm>
#include <utility>

#include "gateway/storage/sqlite/log_schema.h"
#include "gateway/support/log.h"

namespace shikaku::storage {

namespace {

// At full load some 300 KB of log.db each.
constexpr std::uint64_t kCheckpointsToSettle = 5;
// So many without one, a minute at least, are told.
constexpr std::uint64_t kCheckpointsUnsettled = 600;
// Entries of one transaction while a start takes up what log.db lacks.
constexpr std::uint64_t kTakenUpAtOnce = 4096;

}  // namespace

SqliteLog::SqliteLog(LogStore store, std::filesystem::path database)
    : database_(std::move(database)),
      store_(std::move(store)),
      readers_(log_database(database_, true)) {}

Result<std::unique_ptr<LogStorage>> SqliteLog::open(const std::filesystem::path& database,
                                                    RecordKey key) {
    SHIKAKU_TRY_LET(auto store, LogStore::open(database, std::move(key)));
    return std::unique_ptr<LogStorage>(new SqliteLog(std::move(store), database));
}

Result<std::unique_ptr<LogStorage>> SqliteLog::create(const std::filesystem::path& database,
                                                      RecordKey key) {
    SHIKAKU_TRY_LET(auto store, LogStore::create(database, std::move(key)));
    return std::unique_ptr<LogStorage>(new SqliteLog(std::move(store), database));
}

std::vector<std::filesystem::path> SqliteLog::files() const {
    return {database_, entries_of(database_)};
}

Status SqliteLog::expect_keys(const KeyUse& use) {
    return store_.expect_keys(database_, use);
}

Result<std::uint64_t> SqliteLog::recover(const Known& known) {
    covered_ = known.covered;
    std::uint64_t taken = 0;
    const auto take = [&](const LogRow& row, Place place) -> Status {
        // A log signs the empty tree, durably, before its first entry.
        if (!known.covered)
            return fail(ErrorCode::corrupt,
                        "log.entries has entries but log.db knows of none: restore log.db");
        SHIKAKU_TRY(note(row, place));
        return ++taken % kTakenUpAtOnce == 0 ? commit() : Status{};
    };
    const auto old = known.anchored ? OldRecords::refused : OldRecords::accepted;
    SHIKAKU_TRY(end_with(store_.take_up(known.covered.value_or(0), old, take)));
    SHIKAKU_TRY_LET(size_, store_.next_index());
    if (taken > 0)
        log_info("entries that log.db had not noted are taken up",
                 {{"first", size_ - taken}, {"entries", taken}});
    return size_;
}

Status SqliteLog::remember_tokens(std::uint64_t first) {
    tokens_from_ = first;
    return visit_tokens(first, size_, [this](std::uint64_t, BytesView, BytesView token) -> Status {
        if (token.size() != kTokenBytes)
            return fail(ErrorCode::corrupt, "a token of the wrong size");
        (void)tokens_.add(token);
        return {};
    });
}

Status SqliteLog::append(std::span<const NewEntry> entries, Instant now,
                         const Acknowledge& acknowledge) {
    tokens_.forget(now);
    SHIKAKU_TRY(lay_out(entries));
    if (!rows_.empty()) {
        if (auto written = store_.append(rows_, places_); !written) {
            give_tokens_back();
            transaction_.reset();
            return written;
        }
        size_ += rows_.size();
    }
    acknowledge(placed_);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (auto noted = note(rows_[i], places_[i]); !noted) {
            transaction_.reset();
            return noted;
        }
    }
    return {};
}

Status SqliteLog::lay_out(std::span<const NewEntry> entries) {
    rows_.clear();
    placed_.clear();
    for (const NewEntry& entry : entries) {
        SHIKAKU_TRY_LET(const auto placed, claim(entry));
        placed_.push_back(placed);
        if (placed.how != Placed::How::appended) continue;
        rows_.push_back({.index = placed.index,
                         .leaf = entry.leaf,
                         .token = entry.token,
                         .sealed = entry.sealed});
    }
    return {};
}

// The next entry's, unless somebody used its token before.
Result<Placed> SqliteLog::claim(const NewEntry& entry) {
    const Placed next{.how = Placed::How::appended, .index = size_ + rows_.size()};
    if (entry.token.empty() || tokens_.is_over(entry.token) || tokens_.add(entry.token))
        return next;
    const auto key = token_key(entry.token);
    const auto used = [&](std::uint64_t index, BytesView token) -> Placed {
        const bool same = std::ranges::equal(token_request(token), token_request(entry.token));
        return {.how = same ? Placed::How::repeated : Placed::How::replayed, .index = index};
    };
    for (const LogRow& row : rows_)
        if (!row.token.empty() && std::ranges::equal(token_key(row.token), key))
            return used(row.index, row.token);
    SHIKAKU_TRY_LET(const auto found, store_.find_token(tokens_from_, key));
    return found ? used(found->index, found->token) : next;
}

// Of a group that was not written. That of two keys with one fingerprint only the second is given
// back, and with it the first, does no harm: ReplayGuard knows both.
void SqliteLog::give_tokens_back() {
    for (const LogRow& row : rows_)
        if (!row.token.empty()) tokens_.remove(row.token);
}

Status SqliteLog::try_again() {
    SHIKAKU_TRY(store_.make_room());
    SHIKAKU_TRY(end_with(
        store_.take_up(covered_.value_or(0), OldRecords::refused,
                       [this](const LogRow& row, Place place) { return note(row, place); })));
    SHIKAKU_TRY_LET(const auto noted, store_.next_index());
    if (noted != size_)
        return fail(ErrorCode::corrupt, "log.entries does not hold what was acknowledged");
    return {};
}

Status SqliteLog::open_transaction() {
    if (transaction_) return {};
    SHIKAKU_TRY_LET(auto begun, store_.begin());
    transaction_.emplace(std::move(begun));
    return {};
}

Status SqliteLog::commit() {
    if (!transaction_) return {};
    auto committed = transaction_->commit();
    transaction_.reset();
    return committed;
}

Status SqliteLog::end_with(Status done) {
    if (done) return commit();
    transaction_.reset();
    return done;
}

Status SqliteLog::note(const LogRow& row, Place place) {
    SHIKAKU_TRY(open_transaction());
    return store_.add(row, place);
}

Status SqliteLog::add_tiles(std::span<const NewTile> tiles) {
    SHIKAKU_TRY(open_transaction());
    for (const NewTile& tile : tiles)
        SHIKAKU_TRY(store_.add_tile(tile.level, tile.n, tile.hashes));
    return {};
}

Status SqliteLog::put_tiles(std::span<const NewTile> tiles) {
    return end_with(add_tiles(tiles));
}

Status SqliteLog::cover(const Covering& covering) {
    if (covering.after != covered_)
        return fail(ErrorCode::conflict, "the newest checkpoint is over another size");
    auto done = add_tiles(covering.tiles);
    const auto& [minute, size, text] = covering.checkpoint;
    if (done) done = store_.put_checkpoint(minute, size, text);
    SHIKAKU_TRY(end_with(std::move(done)));
    covered_ = size;
    ++unsettled_;
    return {};
}

Status SqliteLog::keep_house() {
    if (unsettled_ < kCheckpointsToSettle) return {};
    SHIKAKU_TRY_LET(const bool settled, store_.settle());
    if (settled) {
        unsettled_ = 0;
    } else if (unsettled_ == kCheckpointsUnsettled) {
        log_warn("another program keeps log.db from being flushed; its write-ahead log grows",
                 {{"checkpoints", unsettled_}});
    }
    return {};
}

Status SqliteLog::make_safe() {
    SHIKAKU_TRY_LET(const bool settled, store_.settle());
    if (settled) return {};
    return fail(ErrorCode::storage_unavailable,
                "log.db cannot be flushed: another program has it open and is moving its "
                "write-ahead log; close that and start again, or copy that log with it");
}

Result<std::uint64_t> SqliteLog::size() {
    SHIKAKU_TRY_LET(const auto reader, readers_.get());
    return reader->next_index();
}

Result<std::optional<StoredCheckpoint>> SqliteLog::newest_checkpoint() {
    SHIKAKU_TRY_LET(const auto reader, readers_.get());
    return reader->latest_checkpoint();
}

Reply<Bytes> SqliteLog::leaf(std::uint64_t index) {
    const auto reader = readers_.get();
    return reader ? (*reader)->leaf(index) : fail(reader.error());
}

Reply<std::optional<Bytes>> SqliteLog::detail(std::uint64_t index) {
    const auto reader = readers_.get();
    return reader ? (*reader)->detail(index) : fail(reader.error());
}

Reply<Bytes> SqliteLog::tile(int level, std::uint64_t n) {
    const auto reader = readers_.get();
    return reader ? (*reader)->tile(level, n) : fail(reader.error());
}

Status SqliteLog::visit_leaves(std::uint64_t begin, std::uint64_t end, const LeafVisitor& visit) {
    SHIKAKU_TRY_LET(const auto reader, readers_.get());
    return reader->visit_leaves(begin, end, visit);
}

Status SqliteLog::visit_changes(std::uint64_t begin, std::uint64_t end, const LeafVisitor& visit) {
    SHIKAKU_TRY_LET(const auto reader, readers_.get());
    return reader->visit_changes(begin, end, visit);
}

Status SqliteLog::visit_tokens(std::uint64_t begin, std::uint64_t end, const TokenVisitor& visit) {
    SHIKAKU_TRY_LET(const auto reader, readers_.get());
    return reader->visit_tokens(begin, end, visit);
}

}  // namespace shikaku::storage
