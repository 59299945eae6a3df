// The writing side of log.db: one per process (a lock file says so), one thread at a time. Every
// change belongs into a transaction of begin(); nothing is ever updated, only the newest checkpoint
// of a minute replaces the one before it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "gateway/storage/database.h"
#include "gateway/storage/file_lock.h"

namespace shikaku::storage {

struct LogRow {
    std::uint64_t index = 0;
    BytesView leaf;
    BytesView token;  // empty: none
    BytesView sealed;
};

class LogStore {
  public:
    // Opens or creates. conflict when another process writes this log.
    [[nodiscard]] static Result<LogStore> open(const std::filesystem::path& file);

    [[nodiscard]] Result<Transaction> begin() { return Transaction::begin(database_); }
    [[nodiscard]] Status add(const LogRow& row);  // conflict: the index is taken
    [[nodiscard]] Status add_tile(int level, std::uint64_t n, BytesView hashes);
    [[nodiscard]] Status put_checkpoint(std::int64_t minute, std::uint64_t size,
                                        std::string_view text);

  private:
    LogStore(FileLock lock, Database database)
        : lock_(std::move(lock)), database_(std::move(database)) {}

    FileLock lock_;
    Database database_;
    Statement add_entry_, add_detail_, add_tile_, put_checkpoint_;
};

}  // namespace shikaku::storage
