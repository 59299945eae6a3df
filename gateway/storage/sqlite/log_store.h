// The writing side of the log, one per process (a lock file says so), one thread at a time:
// log.entries, where an entry becomes durable, and log.db, which follows in transactions of its own
// and is what readers see.
//
//   take_up(...), accept()              once, before anything else
//   append(rows, places)                durable when it returns
//   begin() ... add() ... commit()      visible; may come later, in the same order
//
// Nothing is ever updated, only the newest checkpoint of a minute replaces the one before it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "gateway/storage/file_lock.h"
#include "gateway/storage/sqlite/database.h"
#include "gateway/storage/sqlite/entry_file.h"
#include "gateway/storage/sqlite/key_check.h"

namespace shikaku::storage {

class LogStore {
  public:
    // conflict when another process writes this log; not_found when there is none.
    [[nodiscard]] static Result<LogStore> open(const std::filesystem::path& file, RecordKey key);
    // Makes the files, or takes what an earlier create() that was cut short has left.
    [[nodiscard]] static Result<LogStore> create(const std::filesystem::path& file, RecordKey key);

    // To be called before anything is read; see key_check.h. Noted by accept().
    [[nodiscard]] Status expect_keys(const std::filesystem::path& file, const KeyUse& use);

    // Visits the entries that are durable but not in log.db, to be added there; those of log.db
    // that come after the first `covered`, which a checkpoint covers, are held against log.entries.
    // Changes neither file. corrupt: the two do not belong together, or one is damaged or forged.
    [[nodiscard]] Status take_up(std::uint64_t covered, OldRecords old, const EntryVisitor& visit);
    // Ends the taking up: what a crash left of a group is kept in a file and cut off.
    [[nodiscard]] Status accept(std::string_view now);
    // The last entry is of before records had a key.
    [[nodiscard]] bool of_old_records() const { return !entries_.keyed(); }

    [[nodiscard]] Status append(std::span<const LogRow> rows, std::vector<Place>& places) {
        return entries_.append(rows, places);
    }

    // After append() found none: storage_full as long as there is none.
    [[nodiscard]] Status make_room() { return entries_.make_room(); }

    // A power cut can undo the latest transactions, as a whole; not what settle() came after.
    [[nodiscard]] Result<Transaction> begin() { return Transaction::begin(database_); }
    [[nodiscard]] Status add(const LogRow& row, Place place);  // conflict: the index is taken
    [[nodiscard]] Result<std::uint64_t> next_index();          // one after the last that was added
    // The newest entry from `first` on that was added with a token of this key; looks at all.
    struct TokenFound {
        std::uint64_t index = 0;
        Bytes token;
    };
    [[nodiscard]] Result<std::optional<TokenFound>> find_token(std::uint64_t first, BytesView key);
    [[nodiscard]] Status add_tile(int level, std::uint64_t n, BytesView hashes);
    [[nodiscard]] Status put_checkpoint(std::int64_t minute, std::uint64_t size,
                                        std::string_view text);
    // Flushes what was committed, and moves it from the WAL into the file as far as readers let it.
    // False: somebody else is doing so at the moment, and what that flushes is not known.
    [[nodiscard]] Result<bool> settle();

  private:
    [[nodiscard]] static Result<LogStore> open_files(const std::filesystem::path& file,
                                                     RecordKey key);
    [[nodiscard]] Result<Expected> first_to_read(std::uint64_t covered, std::uint64_t end);
    LogStore(FileLock lock, Database database, EntryFile entries)
        : lock_(std::move(lock)), database_(std::move(database)), entries_(std::move(entries)) {}

    FileLock lock_;
    Database database_;
    EntryFile entries_;
    KeyNotes keys_;
    Statement add_entry_, add_tile_, put_checkpoint_;
};

}  // namespace shikaku::storage
