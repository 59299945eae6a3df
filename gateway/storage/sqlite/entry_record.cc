#include "gateway/storage/sqlite/entry_record.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "gateway/support/bounds.h"

namespace shikaku::storage {

namespace {

// record  magic || bytes u32, the whole record's || index u64 || group u64, the index of its
//         group's first entry || leaf bytes u16 || token bytes u16 || checksum u64 || [mac 16]
//         || leaf || token || sealed detail
// magic     "SHE1", without a mac; "SHE2"
// checksum  XXH3-64 of the record, its own eight bytes left out (zero)
// mac       of: the mac of the record before (zeros: none) || the 28 bytes before the checksum
//           || leaf || token
constexpr std::array<std::uint8_t, 4> kMagic1 = {'S', 'H', 'E', '1'};
constexpr std::array<std::uint8_t, 4> kMagic2 = {'S', 'H', 'E', '2'};
constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kChecksumAt = 28;
constexpr std::size_t kMacAt = 36;

static_assert(kRecordBytesMax > 2 * bounds::kLogDetailBytes);

std::uint64_t checksum(BytesView record) {
    constexpr std::array<std::uint8_t, 8> kZeros{};
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, record.data(), kChecksumAt);
    XXH3_64bits_update(&state, kZeros.data(), kZeros.size());
    XXH3_64bits_update(&state, record.data() + kMacAt, record.size() - kMacAt);
    return XXH3_64bits_digest(&state);
}

// The leaf commits to the detail, whose bytes may be overwritten one day: they are left out.
RecordMac mac_of(BytesView record, std::size_t leaf_and_token, const Chain& before,
                 const RecordKey& key) {
    return key(
        {before.mac, record.first(kChecksumAt), record.subspan(kRecordHeadBytes2, leaf_and_token)});
}

}  // namespace

bool RecordHead::keyed() const {
    return head_bytes == kRecordHeadBytes2;
}

LogRow RecordHead::row(BytesView record) const {
    const auto body = record.first(bytes).subspan(head_bytes);
    return {.index = index,
            .leaf = body.first(leaf),
            .token = body.subspan(leaf, token),
            .sealed = body.subspan(std::size_t{leaf} + token),
            .keyed = keyed()};
}

std::optional<RecordHead> read_head(BytesView bytes) {
    if (bytes.size() < kRecordHeadBytes1) return {};
    const bool keyed = std::ranges::equal(bytes.first(kMagicBytes), kMagic2);
    if (!keyed && !std::ranges::equal(bytes.first(kMagicBytes), kMagic1)) return {};
    RecordHead head{.head_bytes = keyed ? kRecordHeadBytes2 : kRecordHeadBytes1,
                    .bytes = get_u32be(bytes.subspan(4)),
                    .index = get_u64be(bytes.subspan(8)),
                    .group = get_u64be(bytes.subspan(16)),
                    .leaf = get_u16be(bytes.subspan(24)),
                    .token = get_u16be(bytes.subspan(26)),
                    .checksum = get_u64be(bytes.subspan(kChecksumAt)),
                    .mac = {}};
    if (bytes.size() < head.head_bytes || head.bytes > kRecordBytesMax || head.group > head.index ||
        head.bytes < head.head_bytes + head.leaf + head.token)
        return {};
    if (keyed) std::ranges::copy(bytes.subspan(kMacAt, head.mac.size()), head.mac.begin());
    return head;
}

std::optional<RecordHead> read_record(BytesView bytes) {
    const auto head = read_head(bytes);
    if (!head || bytes.size() < head->bytes || checksum(bytes.first(head->bytes)) != head->checksum)
        return {};
    return head;
}

bool authentic(const RecordHead& head, BytesView record, const Chain& before,
               const RecordKey& key) {
    if (!head.keyed()) return false;
    const auto right = mac_of(record, std::size_t{head.leaf} + head.token, before, key);
    return right == head.mac;
}

void put_record(Bytes& out, const LogRow& row, std::uint64_t group, Chain& chain,
                const RecordKey& key) {
    const std::size_t begin = out.size();
    const auto bytes = kRecordHeadBytes2 + row.leaf.size() + row.token.size() + row.sealed.size();
    out.insert(out.end(), kMagic2.begin(), kMagic2.end());
    put_u32be(out, static_cast<std::uint32_t>(bytes));
    put_u64be(out, row.index);
    put_u64be(out, group);
    put_u16be(out, static_cast<std::uint16_t>(row.leaf.size()));
    put_u16be(out, static_cast<std::uint16_t>(row.token.size()));
    out.resize(begin + kRecordHeadBytes2);
    for (const BytesView part : {row.leaf, row.token, row.sealed})
        out.insert(out.end(), part.begin(), part.end());
    const std::span record = std::span(out).subspan(begin);
    chain = {.keyed = true, .mac = mac_of(record, row.leaf.size() + row.token.size(), chain, key)};
    std::ranges::copy(chain.mac, record.begin() + kMacAt);
    const std::uint64_t sum = checksum(record);
    for (std::size_t i = 0; i < sizeof sum; ++i)
        record[kChecksumAt + i] = static_cast<std::uint8_t>(sum >> (56 - 8 * i));
}

std::size_t find_magic(BytesView bytes) {
    // Both begin alike.
    const BytesView common(kMagic1.data(), kMagicBytes - 1);
    for (std::size_t from = 0;; ++from) {
        const auto found = std::ranges::search(bytes.subspan(from), common);
        if (found.empty()) return bytes.size();
        from = static_cast<std::size_t>(found.begin() - bytes.begin());
        if (from + kMagicBytes > bytes.size()) return bytes.size();
        if (bytes[from + 3] == kMagic1[3] || bytes[from + 3] == kMagic2[3]) return from;
    }
}

}  // namespace shikaku::storage
