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
#include <string_view>
#include <vector>

#include "gateway/storage/sqlite/entry_record.h"
#include "gateway/storage/sqlite/vfs_file.h"

namespace shikaku::storage {

// Where a sealed detail lies in log.entries.
struct Place {
    std::uint64_t at = 0;
    std::uint32_t size = 0;
    [[nodiscard]] std::uint64_t end() const { return at + size; }
};

using EntryVisitor = std::function<Status(const LogRow& row, Place place)>;

// Reads the records from byte `at` on, the first of which is entry `index`, as far as they follow
// one another whole. Returns the byte behind the last. Says nothing of who wrote them.
[[nodiscard]] Result<std::uint64_t> visit_entries(VfsFile& file, std::uint64_t at,
                                                  std::uint64_t index, const EntryVisitor& visit);

// Where a record is expected.
struct Expected {
    std::uint64_t at = 0;
    std::uint64_t index = 0;
    Chain chain{};
};
// Whether records of version 1 may still follow: only until a log has had its first start by a
// program that knows version 2.
enum class OldRecords : std::uint8_t { refused, accepted };

// The same, as far as the records are authentic as well. `forged`: a whole record follows that is
// not.
struct Reading {
    Expected next;
    std::uint64_t group_at = 0;  // where the last group that was read begins, or the reading itself
    bool forged = false;
};
[[nodiscard]] Result<Reading> visit_authentic(VfsFile& file, const Expected& from, OldRecords old,
                                              const RecordKey& key, const EntryVisitor& visit);

class EntryFile {
  public:
    // Opens or creates. To be followed by find(), take_up() and accept().
    [[nodiscard]] static Result<EntryFile> open(const std::filesystem::path& path, RecordKey key);

    // Behind the record of `last`, its detail at `place`; the detail itself may have been
    // overwritten. corrupt: the record is not there.
    [[nodiscard]] Result<Expected> behind(const LogRow& last, Place place);

    // Visits what follows; changes nothing. corrupt: the file ends before, a record is not
    // authentic, or something is damaged that is not the rest of a group that a crash cut short.
    [[nodiscard]] Status take_up(const Expected& from, OldRecords old, const EntryVisitor& visit);
    // Takes the end of what was visited for the end: what a crash left behind it is kept in a file
    // beside, named after `now`, and cut off; what may not have been flushed is.
    [[nodiscard]] Status accept(std::string_view now);
    // Version 2 has begun.
    [[nodiscard]] bool keyed() const { return next_.chain.keyed; }

    // One write, one flush. `places` gets one place for each row. storage_full: there was no room,
    // nothing of it is there, and another append() may find some. After any other error what is on
    // disk is unknown and nothing more may be appended.
    [[nodiscard]] Status append(std::span<const LogRow> rows, std::vector<Place>& places);

    // Behind the last record, for the next append(); storage_full: there is none.
    [[nodiscard]] Status make_room();

  private:
    EntryFile(VfsFile file, RecordKey key) : file_(std::move(file)), key_(std::move(key)) {}
    [[nodiscard]] Status refuse_damage(const Reading& reading, std::uint64_t size);
    [[nodiscard]] Status keep_torn(std::uint64_t size, std::string_view now);
    [[nodiscard]] Status write_group(std::span<const LogRow> rows, std::vector<Place>& places);
    [[nodiscard]] Status write_out();
    void reserve(std::uint64_t end);

    VfsFile file_;
    RecordKey key_;
    Expected next_;
    std::uint64_t unflushed_ = 0;  // from here to the end, after take_up()
    std::uint64_t filled_ = 0;     // of the file: zeros behind the last record
    std::uint64_t reserved_ = 0;   // room on the disk, as far as it could be had
    Bytes buffer_;                 // records that follow `next_.at`
};

}  // namespace shikaku::storage
