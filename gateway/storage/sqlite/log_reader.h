// The reading side of log.db and log.entries: prepared statements on a connection of one thread
// (PerThread). Views handed to a visitor are valid during the call. Errors: not_found,
// storage_unavailable, corrupt.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "gateway/storage/ports/log_storage.h"
#include "gateway/storage/sqlite/database.h"
#include "gateway/storage/sqlite/entry_file.h"

namespace shikaku::storage {

// One row of `entry`, nothing of it judged.
struct StoredRow {
    Bytes leaf;
    Bytes token;                     // empty: none
    std::optional<std::int64_t> at;  // nullopt: from before there was log.entries
    std::int64_t size = 0;           // negative: erased
};

// How much log.db holds, at one moment.
struct LogContents {
    std::int64_t first = 0;  // entry; 0 and -1 when there is none
    std::int64_t last = -1;
    std::uint64_t tiles = 0;
    std::int64_t last_detail = -1;  // in table `detail`
};

class LogReader {
  public:
    [[nodiscard]] static Result<LogReader> prepare(Database& database);

    [[nodiscard]] Result<LogContents> contents();
    [[nodiscard]] Result<std::optional<StoredRow>> row(std::uint64_t index);

    [[nodiscard]] Result<std::uint64_t> next_index();  // one after the last entry
    [[nodiscard]] Result<Bytes> leaf(std::uint64_t index);
    [[nodiscard]] Result<std::optional<Bytes>> detail(std::uint64_t index);  // nullopt: erased
    [[nodiscard]] Result<Bytes> tile(int level, std::uint64_t n);
    [[nodiscard]] Result<std::optional<StoredCheckpoint>> latest_checkpoint();

    // Rows with begin <= index < end, in order; a visitor's error ends the visit.
    using LeafVisitor = std::function<Status(std::uint64_t index, BytesView leaf)>;
    [[nodiscard]] Status visit_leaves(std::uint64_t begin, std::uint64_t end,
                                      const LeafVisitor& visit);
    // Entries that change the registry, starts and stops; found by an index of their own.
    [[nodiscard]] Status visit_changes(std::uint64_t begin, std::uint64_t end,
                                       const LeafVisitor& visit);
    using TokenVisitor =
        std::function<Status(std::uint64_t index, BytesView leaf, BytesView token)>;
    [[nodiscard]] Status visit_tokens(std::uint64_t begin, std::uint64_t end,
                                      const TokenVisitor& visit);
    using CheckpointVisitor = std::function<Status(const StoredCheckpoint&)>;
    [[nodiscard]] Status visit_checkpoints(std::int64_t after_minute, int count,
                                           const CheckpointVisitor& visit);

  private:
    LogReader() = default;
    [[nodiscard]] Status open_entries();

    std::filesystem::path entries_path_;
    std::optional<VfsFile> entries_;  // opened when the first detail is read
    Statement contents_, row_, next_index_, leaf_, detail_, tile_, latest_checkpoint_;
    Statement leaves_, changes_, tokens_, checkpoints_;
};

}  // namespace shikaku::storage
