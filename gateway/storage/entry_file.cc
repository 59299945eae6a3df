#include "gateway/storage/entry_file.h"

#include <algorithm>
#include <array>
#include <optional>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "gateway/support/bounds.h"
#include "gateway/support/log.h"

namespace shikaku::storage {

namespace {

// record  magic "SHE1" || bytes u32, the whole record's || index u64 || group u64, the index of its
//         group's first entry || leaf bytes u16 || token bytes u16 || checksum u64 || leaf || token
//         || sealed detail
// checksum  XXH3-64 of the record, its own eight bytes left out (zero)
constexpr std::array<std::uint8_t, 4> kMagic = {'S', 'H', 'E', '1'};
constexpr std::size_t kChecksumAt = 28;
constexpr std::size_t kHeadBytes = 36;

// The file grows in steps, zeros written ahead: a flush whose blocks are there already needs no
// change of the file's description.
constexpr std::uint64_t kStepBytes = 64 * 1024;
// Of one write; a group larger than that takes several before its flush.
constexpr std::size_t kWriteBytes = 1024 * 1024;
constexpr std::size_t kReadBytes = 1024 * 1024;
static_assert(kReadBytes > kRecordBytesMax);
static_assert(kRecordBytesMax > 2 * bounds::kLogDetailBytes);

struct Head {
    std::uint32_t bytes;
    std::uint64_t index;
    std::uint64_t group;
    std::uint16_t leaf;
    std::uint16_t token;
    std::uint64_t checksum;
};

std::uint64_t checksum(BytesView record) {
    constexpr std::array<std::uint8_t, 8> zeros{};
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, record.data(), kChecksumAt);
    XXH3_64bits_update(&state, zeros.data(), zeros.size());
    XXH3_64bits_update(&state, record.data() + kHeadBytes, record.size() - kHeadBytes);
    return XXH3_64bits_digest(&state);
}

std::optional<Head> read_head(BytesView bytes) {
    if (bytes.size() < kHeadBytes || !std::ranges::equal(bytes.first(4), kMagic)) return {};
    const Head head{.bytes = get_u32be(bytes.subspan(4)),
                    .index = get_u64be(bytes.subspan(8)),
                    .group = get_u64be(bytes.subspan(16)),
                    .leaf = get_u16be(bytes.subspan(24)),
                    .token = get_u16be(bytes.subspan(26)),
                    .checksum = get_u64be(bytes.subspan(kChecksumAt))};
    if (head.bytes > kRecordBytesMax || head.group > head.index ||
        head.bytes < kHeadBytes + std::size_t{head.leaf} + head.token)
        return {};
    return head;
}

// The whole record at the front of `bytes`.
std::optional<Head> read_record(BytesView bytes) {
    const auto head = read_head(bytes);
    if (!head || bytes.size() < head->bytes || checksum(bytes.first(head->bytes)) != head->checksum)
        return {};
    return head;
}

void put_record(Bytes& out, const LogRow& row, std::uint64_t group) {
    const std::size_t begin = out.size();
    const auto bytes = kHeadBytes + row.leaf.size() + row.token.size() + row.sealed.size();
    out.insert(out.end(), kMagic.begin(), kMagic.end());
    put_u32be(out, static_cast<std::uint32_t>(bytes));
    put_u64be(out, row.index);
    put_u64be(out, group);
    put_u16be(out, static_cast<std::uint16_t>(row.leaf.size()));
    put_u16be(out, static_cast<std::uint16_t>(row.token.size()));
    put_u64be(out, 0);
    for (const BytesView part : {row.leaf, row.token, row.sealed})
        out.insert(out.end(), part.begin(), part.end());
    const std::uint64_t sum = checksum(BytesView(out).subspan(begin));
    for (std::size_t i = 0; i < sizeof sum; ++i)
        out[begin + kChecksumAt + i] = static_cast<std::uint8_t>(sum >> (56 - 8 * i));
}

// A window that moves over a file.
class Window {
  public:
    explicit Window(VfsFile& file) : file_(file) {}

    // What lies from `at` on: enough for a record, less at the file's end.
    [[nodiscard]] Result<BytesView> from(std::uint64_t at) {
        const bool inside = at >= begin_ && at <= begin_ + bytes_.size();
        if (inside && bytes_.size() - (at - begin_) >= kRecordBytesMax) return rest(at);
        const auto size = file_.size();
        if (!size) return fail(size.error());
        const auto left = *size > at ? *size - at : 0;
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

// Whether behind byte `at`, where entry `index` is expected, lies more than the rest of its group:
// a later group was written after this one was durable, and no earlier entry has its place here.
Result<bool> more_than_torn(VfsFile& file, std::uint64_t at, std::uint64_t index) {
    Window window(file);
    for (;;) {
        const auto bytes = window.from(at);
        if (!bytes) return fail(bytes.error());
        if (bytes->size() < kHeadBytes) return false;
        const auto found = std::ranges::search(*bytes, kMagic);
        const auto skipped = static_cast<std::size_t>(found.begin() - bytes->begin());
        if (skipped > 0) {
            at += found.empty() ? bytes->size() - (kMagic.size() - 1) : skipped;
            continue;
        }
        const auto head = read_record(*bytes);
        if (head && (head->group > index || head->index <= index)) return true;
        ++at;
    }
}

Result<bool> holds_more_than_zeros(VfsFile& file, std::uint64_t at, std::uint64_t end) {
    Bytes bytes;
    for (; at < end; at += bytes.size()) {
        bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(end - at, kReadBytes)));
        SHIKAKU_TRY(file.read(at, bytes));
        if (std::ranges::any_of(bytes, [](std::uint8_t byte) { return byte != 0; })) return true;
    }
    return false;
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
        const auto bytes = window.from(at);
        if (!bytes) return fail(bytes.error());
        const auto head = read_record(*bytes);
        if (!head || head->index != index) return at;
        const auto body = bytes->first(head->bytes).subspan(kHeadBytes);
        const LogRow row{.index = index,
                         .leaf = body.first(head->leaf),
                         .token = body.subspan(head->leaf, head->token),
                         .sealed = body.subspan(std::size_t{head->leaf} + head->token)};
        const auto size = static_cast<std::uint32_t>(row.sealed.size());
        SHIKAKU_TRY(visit(row, {.at = at + head->bytes - size, .size = size}));
        at += head->bytes;
    }
}

Result<EntryFile> EntryFile::open(const std::filesystem::path& path) {
    auto file = VfsFile::open(path, VfsFile::Mode::write);
    if (!file) return fail(std::move(file.error()));
    return EntryFile(std::move(*file));
}

Status EntryFile::expect(const LogRow& last, Place place) {
    const auto named = last.leaf.size() + last.token.size();
    Bytes found(kHeadBytes + named);
    const bool possible = place.at >= found.size();
    if (possible) SHIKAKU_TRY(file_.read(place.at - found.size(), found));
    const auto head = read_head(found);
    if (possible && head && head->index == last.index && head->leaf == last.leaf.size() &&
        head->token == last.token.size() && head->bytes == found.size() + place.size &&
        std::ranges::equal(BytesView(found).subspan(kHeadBytes, head->leaf), last.leaf) &&
        std::ranges::equal(BytesView(found).subspan(kHeadBytes + head->leaf), last.token))
        return {};
    return fail(ErrorCode::corrupt, "log.entries does not have entry " +
                                        std::to_string(last.index) + " where log.db says");
}

Status EntryFile::take_up(std::uint64_t at, std::uint64_t index, const EntryVisitor& visit) {
    const auto size = file_.size();
    if (!size) return fail(size.error());
    if (*size < at) return fail(ErrorCode::corrupt, "log.entries is shorter than log.db says");
    const auto count = [&](const LogRow& row, Place place) -> Status {
        index = row.index + 1;
        return visit(row, place);
    };
    const auto end = visit_entries(file_, at, index, count);
    if (!end) return fail(end.error());
    const auto damaged = more_than_torn(file_, *end, index);
    if (!damaged) return fail(damaged.error());
    if (*damaged)
        return fail(ErrorCode::corrupt, "log.entries is damaged at byte " + std::to_string(*end) +
                                            ", where entry " + std::to_string(index) +
                                            " is expected");
    // After a flush that failed the system may hold what the disk has not, and think it clean: only
    // what is written again is flushed again.
    SHIKAKU_TRY(write_again(file_, at, *end));
    if (*size > *end) {
        const auto torn = holds_more_than_zeros(file_, *end, *size);
        if (!torn) return fail(torn.error());
        if (*torn)
            log_warn(
                "log.entries ends within a group, which is cut off: a crash while it was written",
                {{"byte", *end}, {"bytes", *size - *end}, {"entry", index}});
        SHIKAKU_TRY(file_.truncate(*end));
    }
    SHIKAKU_TRY(file_.sync());
    end_ = filled_ = *end;
    return {};
}

Status EntryFile::append(std::span<const LogRow> rows, std::vector<Place>& places) {
    places.clear();
    buffer_.clear();
    for (const LogRow& row : rows) {
        put_record(buffer_, row, rows.front().index);
        const auto size = static_cast<std::uint32_t>(row.sealed.size());
        places.push_back({.at = end_ + buffer_.size() - size, .size = size});
        if (buffer_.size() >= kWriteBytes) SHIKAKU_TRY(write_out());
    }
    SHIKAKU_TRY(write_out());
    return file_.sync();
}

Status EntryFile::write_out() {
    const std::uint64_t end = end_ + buffer_.size();
    if (end > filled_) {
        filled_ = (end / kStepBytes + 1) * kStepBytes;
        buffer_.resize(static_cast<std::size_t>(filled_ - end_));
    }
    SHIKAKU_TRY(file_.write(end_, buffer_));
    end_ = end;
    buffer_.clear();
    return {};
}

}  // namespace shikaku::storage
