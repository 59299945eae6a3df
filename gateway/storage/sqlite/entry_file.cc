#include "gateway/storage/sqlite/entry_file.h"

#include <algorithm>

#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/log.h"

namespace shikaku::storage {

namespace {

// The file grows in steps, zeros written ahead: a flush whose blocks are there already needs no
// change of the file's description.
constexpr std::uint64_t kStepBytes = 64 * 1024;
// Of one write; a group larger than that takes several before its flush.
constexpr std::size_t kWriteBytes = 1024 * 1024;
constexpr std::size_t kReadBytes = 1024 * 1024;
static_assert(kReadBytes > kRecordBytesMax);

// A window that moves over a file.
class Window {
  public:
    explicit Window(VfsFile& file) : file_(file) {}

    // What lies from `at` on: enough for a record, less at the file's end.
    [[nodiscard]] Result<BytesView> from(std::uint64_t at) {
        const bool inside = at >= begin_ && at <= begin_ + bytes_.size();
        if (inside && bytes_.size() - (at - begin_) >= kRecordBytesMax) return rest(at);
        SHIKAKU_TRY_LET(const auto size, file_.size());
        const auto left = size > at ? size - at : 0;
        bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, kReadBytes)));
        begin_ = at;
        if (!bytes_.empty()) SHIKAKU_TRY(file_.read(at, bytes_));
        return rest(at);
    }

  private:
    [[nodiscard]] BytesView rest(std::uint64_t at) const {
        return BytesView(bytes_).subspan(static_cast<std::size_t>(at - begin_));
    }

    VfsFile& file_;
    std::uint64_t begin_ = 0;
    Bytes bytes_;
};

Place place_of(const RecordHead& head, std::uint64_t at) {
    const auto size =
        static_cast<std::uint32_t>(head.bytes - head.head_bytes - head.leaf - head.token);
    return {.at = at + head.bytes - size, .size = size};
}

// Whether behind byte `at`, where entry `index` is expected, lies more than the rest of its group:
// a later group was written after this one was durable, and no earlier entry has its place here.
Result<bool> more_than_torn(VfsFile& file, std::uint64_t at, std::uint64_t index) {
    Window window(file);
    for (;;) {
        SHIKAKU_TRY_LET(const auto bytes, window.from(at));
        if (bytes.size() < kRecordHeadBytes1) return false;
        const auto skipped = find_magic(bytes);
        if (skipped > 0) {
            at += skipped == bytes.size() ? skipped - 3 : skipped;
            continue;
        }
        const auto head = read_record(bytes);
        if (head && (head->group > index || head->index <= index)) return true;
        ++at;
    }
}

// What a disk has not written of a sector, most often all of it, is zeros, for the file is zeros
// ahead. No record has so many in a row.
constexpr std::uint64_t kSectorBytes = 512;
constexpr std::size_t kZerosAtAnEnd = 2;
constexpr std::size_t kZerosInARow = 32;

bool all_zero(BytesView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// Whether the record is whole but for the byte at `at`, a zero.
bool lacks_only(BytesView record, std::size_t at) {
    if (record[at] != 0) return false;
    Bytes tried(record.begin(), record.end());
    while (++tried[at] != 0) {
        if (read_record(tried)) return true;
    }
    return false;
}

// Whether a part of the record at byte `at`, which is not whole, was never written: a crash leaves
// that. A record all of whose sectors were written was whole once, and has been damaged since.
// `bytes` is what there is from `at` on, without the zeros behind it.
bool partly_unwritten(BytesView bytes, std::uint64_t at) {
    if (bytes.front() == 0) return true;
    const auto head = read_head(bytes);
    const std::size_t claimed = head ? head->bytes : kRecordHeadBytes2;
    if (claimed > bytes.size()) return true;
    const auto record = bytes.first(claimed);
    for (std::size_t begin = 0; begin < record.size();) {
        const auto sector_ends = (at + begin) / kSectorBytes * kSectorBytes + kSectorBytes - at;
        const auto end = std::min<std::uint64_t>(sector_ends, record.size());
        const auto part = record.subspan(begin, end - begin);
        const auto few = std::min(part.size(), kZerosAtAnEnd);
        if (all_zero(part.first(few)) || all_zero(part.last(few)) || lacks_only(record, begin) ||
            lacks_only(record, end - 1))
            return true;
        begin = end;
    }
    const std::array<std::uint8_t, kZerosInARow> zeros{};
    return !std::ranges::search(record, zeros).empty();
}

// The byte behind the last that is not zero, `begin` when all are.
Result<std::uint64_t> end_of_content(VfsFile& file, std::uint64_t begin, std::uint64_t end) {
    Bytes bytes;
    for (auto at = end; at > begin; at -= bytes.size()) {
        bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(at - begin, kReadBytes)));
        SHIKAKU_TRY(file.read(at - bytes.size(), bytes));
        const auto last =
            std::find_if(bytes.rbegin(), bytes.rend(), [](std::uint8_t byte) { return byte != 0; });
        if (last != bytes.rend()) return at - static_cast<std::uint64_t>(last - bytes.rbegin());
    }
    return begin;
}

Status write_again(VfsFile& file, std::uint64_t at, std::uint64_t end) {
    Bytes bytes;
    for (; at < end; at += bytes.size()) {
        bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(end - at, kWriteBytes)));
        SHIKAKU_TRY(file.read(at, bytes));
        SHIKAKU_TRY(file.write(at, bytes));
    }
    return {};
}

}  // namespace

Result<std::uint64_t> visit_entries(VfsFile& file, std::uint64_t at, std::uint64_t index,
                                    const EntryVisitor& visit) {
    Window window(file);
    for (;; ++index) {
        SHIKAKU_TRY_LET(const auto bytes, window.from(at));
        const auto head = read_record(bytes);
        if (!head || head->index != index) return at;
        SHIKAKU_TRY(visit(head->row(bytes), place_of(*head, at)));
        at += head->bytes;
    }
}

Result<Reading> visit_authentic(VfsFile& file, const Expected& from, OldRecords old,
                                const RecordKey& key, const EntryVisitor& visit) {
    Window window(file);
    Reading reading{.next = from, .group_at = from.at};
    for (auto& [at, index, chain] = reading.next;; ++index) {
        SHIKAKU_TRY_LET(const auto bytes, window.from(at));
        const auto head = read_record(bytes);
        if (!head || head->index != index) return reading;
        const bool old_one = !head->keyed() && !chain.keyed && old == OldRecords::accepted;
        if (!old_one && !authentic(*head, bytes, chain, key)) {
            reading.forged = true;
            return reading;
        }
        SHIKAKU_TRY(visit(head->row(bytes), place_of(*head, at)));
        if (head->group == index) reading.group_at = at;
        chain = head->chain();
        at += head->bytes;
    }
}

Result<EntryFile> EntryFile::open(const std::filesystem::path& path, RecordKey key) {
    SHIKAKU_TRY_LET(auto file, VfsFile::open(path, VfsFile::Mode::write));
    return EntryFile(std::move(file), std::move(key));
}

Result<Expected> EntryFile::behind(const LogRow& last, Place place) {
    const auto named = last.leaf.size() + last.token.size();
    for (const auto head_bytes : {kRecordHeadBytes2, kRecordHeadBytes1}) {
        Bytes found(head_bytes + named);
        if (place.at < found.size()) continue;
        if (auto read = file_.read(place.at - found.size(), found); !read) {
            if (read.error().code == ErrorCode::corrupt) continue;  // the file ends before
            return fail(std::move(read.error()));
        }
        const auto head = read_head(found);
        if (head && head->head_bytes == head_bytes && head->index == last.index &&
            head->leaf == last.leaf.size() && head->token == last.token.size() &&
            head->bytes == found.size() + place.size &&
            std::ranges::equal(BytesView(found).subspan(head_bytes, head->leaf), last.leaf) &&
            std::ranges::equal(BytesView(found).subspan(head_bytes + head->leaf), last.token))
            return Expected{.at = place.end(), .index = last.index + 1, .chain = head->chain()};
    }
    return fail(ErrorCode::corrupt, "log.entries does not have entry " +
                                        std::to_string(last.index) + " where log.db says");
}

Status EntryFile::take_up(const Expected& from, OldRecords old, const EntryVisitor& visit) {
    SHIKAKU_TRY_LET(const auto size, file_.size());
    if (size < from.at) return fail(ErrorCode::corrupt, "log.entries is shorter than log.db says");
    SHIKAKU_TRY_LET(const auto reading, visit_authentic(file_, from, old, key_, visit));
    SHIKAKU_TRY(refuse_damage(reading, size));
    next_ = reading.next;
    unflushed_ = reading.group_at;
    return {};
}

Status EntryFile::refuse_damage(const Reading& reading, std::uint64_t size) {
    const auto [at, index, chain] = reading.next;
    const auto where = " at byte " + std::to_string(at) + ", where entry " + std::to_string(index) +
                       " is expected";
    if (reading.forged)
        return fail(ErrorCode::corrupt,
                    "log.entries" + where +
                        ": このログの鍵で書かれた記録ではありません。ファイルが書き換えられたか、"
                        "別の鍵束です / a record that was not written with this key ring's key, or "
                        "not in this place: the file was edited, or the key ring is another");
    SHIKAKU_TRY_LET(const auto damaged, more_than_torn(file_, at, index));
    if (damaged) return fail(ErrorCode::corrupt, "log.entries is damaged" + where);
    SHIKAKU_TRY_LET(const auto content_ends, end_of_content(file_, at, size));
    if (content_ends == at) return {};
    Window window(file_);
    SHIKAKU_TRY_LET(const auto bytes, window.from(at));
    const auto content = static_cast<std::size_t>(content_ends - at);
    if (partly_unwritten(bytes.first(std::min(content, bytes.size())), at)) return {};
    return fail(ErrorCode::corrupt, "log.entries is damaged" + where +
                                        ": it was written whole, so this is not what a crash "
                                        "leaves");
}

Status EntryFile::accept(std::string_view now) {
    SHIKAKU_TRY_LET(const auto size, file_.size());
    // Of a group that another one follows it is known that it was flushed. Of the last it is not,
    // and after a flush that failed the system may hold what the disk has not, and think it clean:
    // only what is written again is flushed again.
    SHIKAKU_TRY(write_again(file_, unflushed_, next_.at));
    if (size > next_.at) {
        SHIKAKU_TRY(keep_torn(size, now));
        SHIKAKU_TRY(file_.truncate(next_.at));
    }
    SHIKAKU_TRY(file_.sync());
    filled_ = reserved_ = next_.at;
    return {};
}

Status EntryFile::keep_torn(std::uint64_t size, std::string_view now) {
    SHIKAKU_TRY_LET(const auto end, end_of_content(file_, next_.at, size));
    if (end == next_.at) return {};
    std::string torn(static_cast<std::size_t>(end - next_.at), '\0');
    SHIKAKU_TRY(file_.read(next_.at, {reinterpret_cast<std::uint8_t*>(torn.data()), torn.size()}));
    auto beside = file_.path();
    beside += ".torn-" + std::string(now);
    for (std::error_code unknown; std::filesystem::exists(beside, unknown);)
        beside += "+";
    SHIKAKU_TRY(write_file(beside, torn, 0600));
    log_warn(
        "log.entries ends within a group that a crash cut short; nobody was told of it. What there "
        "is of it is kept beside and cut off",
        {{"byte", next_.at},
         {"bytes", torn.size()},
         {"entry", next_.index},
         {"file", beside.string()}});
    return {};
}

Status EntryFile::append(std::span<const LogRow> rows, std::vector<Place>& places) {
    const Expected before = next_;
    auto written = write_group(rows, places);
    if (written) return file_.sync();
    if (written.error().code != ErrorCode::storage_full) return written;
    // Nothing was flushed and nobody told: cut off, it was never there.
    next_ = before;
    buffer_.clear();
    if (auto cut = file_.truncate(next_.at); !cut) return cut;
    filled_ = reserved_ = next_.at;
    return written;
}

Status EntryFile::write_group(std::span<const LogRow> rows, std::vector<Place>& places) {
    places.clear();
    buffer_.clear();
    for (const LogRow& row : rows) {
        put_record(buffer_, row, rows.front().index, next_.chain, key_);
        const auto size = static_cast<std::uint32_t>(row.sealed.size());
        places.push_back({.at = next_.at + buffer_.size() - size, .size = size});
        if (buffer_.size() >= kWriteBytes) SHIKAKU_TRY(write_out());
    }
    SHIKAKU_TRY(write_out());
    next_.index = rows.empty() ? next_.index : rows.back().index + 1;
    return {};
}

Status EntryFile::write_out() {
    const std::uint64_t end = next_.at + buffer_.size();
    if (end > filled_) {
        filled_ = (end / kStepBytes + 1) * kStepBytes;
        reserve(filled_);
        buffer_.resize(static_cast<std::size_t>(filled_ - next_.at));
    }
    SHIKAKU_TRY(file_.write(next_.at, buffer_));
    next_.at = end;
    buffer_.clear();
    return {};
}

Status EntryFile::make_room() {
    const auto end = (next_.at / kStepBytes + 1) * kStepBytes;
    if (end > filled_) {
        const Bytes zeros(static_cast<std::size_t>(end - next_.at));
        SHIKAKU_TRY(file_.write(next_.at, zeros));
        filled_ = end;
    }
    reserve(end);
    return {};
}

// So far ahead that entries go on being accepted for a while on a disk that has become full.
void EntryFile::reserve(std::uint64_t end) {
    if (end + bounds::kLogReserveBytes / 2 <= reserved_) return;
    if (file_.reserve(end, bounds::kLogReserveBytes)) reserved_ = end + bounds::kLogReserveBytes;
}

}  // namespace shikaku::storage
