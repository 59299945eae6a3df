#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "gateway/audit/opening.h"
#include "gateway/audit/record_key.h"
#include "gateway/audit/tree_verifier.h"
#include "gateway/storage/file_lock.h"
#include "gateway/storage/sqlite/log_reader.h"
#include "gateway/storage/sqlite/log_schema.h"

namespace shikaku::audit {

namespace {

constexpr std::uint64_t kShowEvery = 4096;
constexpr std::size_t kReadBytes = 64 * 1024;

std::uint64_t full_tiles(std::uint64_t size) {
    std::uint64_t count = 0;
    for (int level = 0; level < kTileLevels; ++level)
        count += nodes_at_level(size, level) / kTileWidth;
    return count;
}

// What log.db's index `entry_change` lists: by it a start finds what it holds the registry against.
bool is_change(Kind kind) {
    return kind == Kind::scheme_change || kind == Kind::registry_switch || kind == Kind::start ||
           kind == Kind::stop;
}

// log.entries is read from its first byte to its last; what log.db says of each record is held
// against it. Both may grow meanwhile: log.db is believed to hold what it held at the start, and
// records that came later are behind it.
class DatabaseVerifier {
  public:
    DatabaseVerifier(storage::LogReader& reader, std::filesystem::path database,
                     std::string_view vkey, const crypto::KeyRing* keys,
                     std::span<const KeptCheckpoint> kept, const VerifyProgress& progress)
        : reader_(reader),
          database_(std::move(database)),
          vkey_(vkey),
          keys_(keys),
          progress_(progress),
          tree_(
              [&reader](int level, std::uint64_t n, std::size_t) {
                  return reader.tile(level, n);  // full ones only are stored
              },
              kept) {
        report_.kept = kept.size();
    }

    VerifyResult run();

  private:
    [[nodiscard]] VerifyStatus find_end();
    // Entries from before there was log.entries.
    [[nodiscard]] VerifyStatus take_older();
    [[nodiscard]] VerifyStatus take_records();
    [[nodiscard]] VerifyStatus take_record(const storage::LogRow& record, storage::Place place);
    // The next entry: into the tree, and its detail opened.
    [[nodiscard]] VerifyStatus take(BytesView bytes, BytesView sealed);
    [[nodiscard]] VerifyStatus read_behind(storage::VfsFile& file, std::uint64_t at) const;
    [[nodiscard]] VerifyStatus check_end();
    [[nodiscard]] VerifyStatus check_change_index();
    // Checks the checkpoints that are about exactly the tree so far.
    [[nodiscard]] VerifyStatus check_checkpoints();
    [[nodiscard]] VerifyStatus next_checkpoint();
    [[nodiscard]] bool in_database() const { return tree_.size() < in_database_; }

    storage::LogReader& reader_;
    std::filesystem::path database_;
    std::string_view vkey_;
    const crypto::KeyRing* keys_;
    const VerifyProgress& progress_;
    TreeVerifier tree_;
    Verification report_;
    storage::LogContents contents_;
    std::uint64_t in_database_ = 0;       // entries
    std::uint64_t older_ = 0;             // of them
    std::vector<std::uint64_t> changes_;  // of them
    std::int64_t last_minute_ = 0;        // of the latest checkpoint
    std::optional<storage::StoredCheckpoint> next_;
    std::int64_t minute_ = -1;
};

VerifyResult DatabaseVerifier::run() {
    auto done = find_end();
    if (done) done = next_checkpoint();
    if (done) done = take_older();
    if (done) done = take_records();
    if (done) done = check_end();
    if (!done) return std::unexpected(std::move(done.error()));
    report_.behind = tree_.size() - report_.checkpoint.size;
    return report_;
}

VerifyStatus DatabaseVerifier::find_end() {
    // Before the entries: it must cover no more than there are.
    const auto stored = reader_.latest_checkpoint();
    if (!stored) return verify_failed(stored.error());
    if (!*stored) return not_as_signed("there is no checkpoint");
    auto checkpoint = verify_checkpoint((*stored)->text, vkey_);
    if (!checkpoint) return verify_failed(std::move(checkpoint.error()));
    if (checkpoint->size != (*stored)->size)
        return not_as_signed("the last checkpoint is about another size than its row says");
    const auto contents = reader_.contents();
    if (!contents) return verify_failed(contents.error());
    if (contents->first < 0) return not_as_signed("an entry of log.db has a negative index");
    contents_ = *contents;
    in_database_ = static_cast<std::uint64_t>(contents->last + 1);
    if (in_database_ < checkpoint->size)
        return not_as_signed("fewer entries than the last checkpoint covers", in_database_);
    report_.checkpoint = std::move(*checkpoint);
    last_minute_ = (*stored)->minute;
    return {};
}

VerifyStatus DatabaseVerifier::take_older() {
    for (; in_database(); ++older_) {
        const auto row = reader_.row(older_);
        if (!row) return verify_failed(row.error(), older_);
        if (!*row) return not_as_signed("an entry is missing", older_);
        if ((*row)->at) return {};
        const auto sealed = reader_.detail(older_);
        if (!sealed) return verify_failed(sealed.error(), older_);
        if (!*sealed)
            return not_as_signed("the detail is gone, and no entry says who erased it", older_);
        if (auto taken = take((*row)->leaf, **sealed); !taken) return taken;
    }
    return {};
}

VerifyStatus DatabaseVerifier::take_records() {
    const auto path = storage::entries_of(database_);
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown)) {
        const bool all_older = in_database_ > 0 && older_ == in_database_;
        if (all_older && !unknown) return {};
        return verify_failed(
            {ErrorCode::storage_unavailable,
             path.string() + " is missing: it belongs to log.db and lies beside it"});
    }
    auto file = storage::VfsFile::open(path, storage::VfsFile::Mode::read);
    if (!file) return verify_failed(std::move(file.error()));
    VerifyStatus verdict;
    bool forged = false;
    const auto take_one = [&](const storage::LogRow& record, storage::Place place) -> Status {
        verdict = take_record(record, place);
        return verdict ? Status{} : fail(ErrorCode::corrupt);
    };
    // Without the key ring a record is whole, and the tree says what its leaf is.
    const auto read_all = [&]() -> Result<std::uint64_t> {
        if (keys_ == nullptr) return storage::visit_entries(*file, 0, older_, take_one);
        SHIKAKU_TRY_LET(const auto reading, storage::visit_authentic(*file, {.index = older_},
                                                                     storage::OldRecords::accepted,
                                                                     record_key(*keys_), take_one));
        forged = reading.forged;
        return reading.next.at;
    };
    const auto end = read_all();
    if (!verdict) return verdict;
    if (forged)
        return not_as_signed(
            "log.entries has a record that this key ring's key did not write, or "
            "not in this place",
            tree_.size());
    if (!end) return verify_failed(end.error(), tree_.size());
    if (in_database())
        return not_as_signed("log.entries has no whole record of this entry at byte " +
                                 std::to_string(*end) + ", and log.db has noted one",
                             tree_.size());
    return read_behind(*file, *end);
}

VerifyStatus DatabaseVerifier::take_record(const storage::LogRow& record, storage::Place place) {
    const std::uint64_t index = tree_.size();
    if (in_database()) {
        const auto row = reader_.row(index);
        if (!row) return verify_failed(row.error(), index);
        if (!*row) return not_as_signed("an entry is missing", index);
        const storage::StoredRow& noted = **row;
        if (!std::ranges::equal(noted.leaf, record.leaf))
            return not_as_signed("log.db and log.entries have different leaves", index);
        if (!std::ranges::equal(noted.token, record.token))
            return not_as_signed("log.db and log.entries have different tokens", index);
        if (noted.size < 0)
            return not_as_signed("the detail is marked as erased, and no entry says by whom",
                                 index);
        if (noted.at != static_cast<std::int64_t>(place.at) || noted.size != place.size)
            return not_as_signed("log.db says that the detail lies elsewhere in log.entries",
                                 index);
    }
    ++report_.records;
    if (!record.keyed && index >= report_.checkpoint.size) ++report_.behind_without_key;
    return take(record.leaf, record.sealed);
}

VerifyStatus DatabaseVerifier::take(BytesView bytes, BytesView sealed) {
    if (auto checked = check_checkpoints(); !checked) return checked;
    const std::uint64_t index = tree_.size();
    const auto tiles = in_database() ? TreeVerifier::Tiles::claimed : TreeVerifier::Tiles::none;
    SHIKAKU_TRY_LET(const auto leaf, tree_.add(bytes, tiles));
    if (index < in_database_ && is_change(leaf.kind)) changes_.push_back(index);
    if (keys_ != nullptr) {
        if (const auto opened = open_detail(*keys_, leaf, sealed); !opened)
            return verify_failed(opened.error(), index);
        ++report_.opened;
    }
    if (tree_.size() <= in_database_ &&
        (tree_.size() % kShowEvery == 0 || tree_.size() == in_database_))
        progress_(tree_.size(), in_database_);
    return {};
}

// Behind the last record lie zeros, written ahead. Who writes the log may be at the next record.
VerifyStatus DatabaseVerifier::read_behind(storage::VfsFile& file, std::uint64_t at) const {
    const auto size = file.size();
    if (!size) return verify_failed(size.error());
    Bytes bytes;
    for (std::uint64_t next = at; next < *size; next += bytes.size()) {
        bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(*size - next, kReadBytes)));
        if (const auto read = file.read(next, bytes); !read) return verify_failed(read.error());
        if (std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; })) continue;
        auto lock = database_;
        lock += ".lock";
        if (storage::FileLock::is_taken(lock)) return {};
        return not_as_signed(
            "behind the last entry, from byte " + std::to_string(at) +
                ", log.entries holds what is no entry: the rest of a group that a crash "
                "interrupted, which the next start takes away, or damage",
            tree_.size());
    }
    return {};
}

VerifyStatus DatabaseVerifier::check_end() {
    if (auto checked = check_checkpoints(); !checked) return checked;
    if (next_ && next_->minute < last_minute_)
        return not_as_signed("a checkpoint before the last one says it covers " +
                             std::to_string(next_->size) + " entries");
    if (contents_.tiles != full_tiles(in_database_))
        return not_as_signed("log.db has tiles that belong to no entries");
    if (contents_.last_detail >= static_cast<std::int64_t>(older_))
        return not_as_signed("log.db has a detail that belongs to no entry",
                             static_cast<std::uint64_t>(contents_.last_detail));
    if (auto listed = check_change_index(); !listed) return listed;
    return tree_.end();
}

VerifyStatus DatabaseVerifier::check_change_index() {
    std::vector<std::uint64_t> listed;
    const auto visited =
        reader_.visit_changes(0, in_database_, [&listed](std::uint64_t index, BytesView) -> Status {
            listed.push_back(index);
            return {};
        });
    if (!visited) return verify_failed(visited.error());
    const auto [there, found] = std::ranges::mismatch(changes_, listed);
    if (there == changes_.end() && found == listed.end()) return {};
    const auto first = [](auto one, const auto& all) {
        return one == all.end() ? std::numeric_limits<std::uint64_t>::max() : *one;
    };
    return not_as_signed("log.db's index of changes is not that of its entries",
                         std::min(first(there, changes_), first(found, listed)));
}

VerifyStatus DatabaseVerifier::check_checkpoints() {
    if (tree_.size() == report_.checkpoint.size)
        if (auto same = tree_.expect(report_.checkpoint); !same) return same;
    while (next_ && next_->size <= tree_.size()) {
        const auto checkpoint = verify_checkpoint(next_->text, vkey_);
        if (!checkpoint) return verify_failed(checkpoint.error(), next_->size);
        if (checkpoint->size != next_->size || checkpoint->size != tree_.size())
            return not_as_signed(
                "a checkpoint is about another size than its row or its order says", tree_.size());
        if (auto same = tree_.expect(*checkpoint); !same) return same;
        ++report_.checkpoints;
        if (auto found = next_checkpoint(); !found) return found;
    }
    return {};
}

VerifyStatus DatabaseVerifier::next_checkpoint() {
    next_.reset();
    const auto visited = reader_.visit_checkpoints(
        minute_, 1, [this](const storage::StoredCheckpoint& stored) -> Status {
            next_ = stored;
            minute_ = stored.minute;
            return {};
        });
    if (!visited) return verify_failed(visited.error());
    return {};
}

}  // namespace

VerifyResult verify_database(const std::filesystem::path& file, std::string_view vkey,
                             const crypto::KeyRing* keys, const VerifyProgress& progress,
                             std::span<const KeptCheckpoint> kept) {
    auto database = storage::Database::open(storage::log_database(file, true));
    if (!database) return verify_failed(std::move(database.error()));
    auto reader = storage::LogReader::prepare(*database);
    if (!reader) return verify_failed(std::move(reader.error()));
    return DatabaseVerifier(*reader, file, vkey, keys, kept, progress).run();
}

}  // namespace shikaku::audit
