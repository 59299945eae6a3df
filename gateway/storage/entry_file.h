// log.entries: every entry of the log in the order in which it was accepted, made durable here
// before anyone is told. log.db follows behind it and says where each entry lies; what it has not
// noted yet (a crash leaves some) is found by reading on from the last entry it knows.
//
// Format: gateway/docs/audit-format.md, section 5. The entries of one append() are a group: a crash
// can leave any part of the last group, never a hole before it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "gateway/storage/vfs_file.h"

namespace shikaku::storage {

// No entry comes near it: bounds::kLogDetailBytes, and what sealing adds.
inline constexpr std::uint32_t kRecordBytesMax = 128 * 1024;

struct LogRow {
    std::uint64_t index = 0;
    BytesView leaf;
    BytesView token;  // empty: none
    BytesView sealed;
};

// Where a sealed detail lies in log.entries.
struct Place {
    std::uint64_t at = 0;
    std::uint32_t size = 0;
    [[nodiscard]] std::uint64_t end() const { return at + size; }
};

using EntryVisitor = std::function<Status(const LogRow& row, Place place)>;

// Reads the records from byte `at` on, the first of which is entry `index`, as far as they follow
// one another whole. Returns the byte behind the last.
[[nodiscard]] Result<std::uint64_t> visit_entries(VfsFile& file, std::uint64_t at,
                                                  std::uint64_t index, const EntryVisitor& visit);

class EntryFile {
  public:
    // Opens or creates. To be followed by take_up().
    [[nodiscard]] static Result<EntryFile> open(const std::filesystem::path& path);

    // That the record of `last`, its detail at `place`, is in this file; the detail itself may have
    // been overwritten. corrupt: it is not.
    [[nodiscard]] Status expect(const LogRow& last, Place place);

    // Visits what lies behind byte `at`, where entry `index` is expected, and takes it for the end;
    // what a crash left of a group behind it is cut off. corrupt: the file ends before `at`, or
    // something before the last group is damaged.
    [[nodiscard]] Status take_up(std::uint64_t at, std::uint64_t index, const EntryVisitor& visit);

    // One write, one flush. `places` gets one place for each row. After an error what is on disk is
    // unknown and nothing more may be appended.
    [[nodiscard]] Status append(std::span<const LogRow> rows, std::vector<Place>& places);

  private:
    explicit EntryFile(VfsFile file) : file_(std::move(file)) {}
    [[nodiscard]] Status write_out();

    VfsFile file_;
    std::uint64_t end_ = 0;     // of the last record
    std::uint64_t filled_ = 0;  // of the file: zeros behind the last record
    Bytes buffer_;              // records that follow `end_`
};

}  // namespace shikaku::storage
