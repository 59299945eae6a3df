// One record of log.entries, as bytes: gateway/docs/audit-format.md, section 5. Version 2 carries a
// MAC under the log's record key, which takes in the MAC of the record before: whoever has the file
// and not the key can neither change, add, leave out nor reorder a record. Version 1, of before
// there was such a key, has only a checksum. Private to gateway/storage.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>

#include "gateway/support/bytes.h"

namespace shikaku::storage {

// No entry comes near it: bounds::kLogDetailBytes, and what sealing adds.
inline constexpr std::uint32_t kRecordBytesMax = 128 * 1024;

struct LogRow {
    std::uint64_t index = 0;
    BytesView leaf;
    BytesView token;  // empty: none
    BytesView sealed;
    bool keyed = true;  // as it was read: of version 2
};

using RecordMac = std::array<std::uint8_t, 16>;
// The MAC of the parts, one behind the other.
using RecordKey = std::function<RecordMac(std::initializer_list<BytesView>)>;

// What the next record follows: the MAC of the one before. Not keyed: nothing, or version 1.
struct Chain {
    bool keyed = false;
    RecordMac mac{};
};

struct RecordHead {
    std::size_t head_bytes;  // says the version
    std::uint32_t bytes;
    std::uint64_t index;
    std::uint64_t group;
    std::uint16_t leaf;
    std::uint16_t token;
    std::uint64_t checksum;
    RecordMac mac;  // version 2

    [[nodiscard]] bool keyed() const;
    // Of the whole record at the front of `bytes`.
    [[nodiscard]] LogRow row(BytesView record) const;
    [[nodiscard]] Chain chain() const { return {.keyed = keyed(), .mac = mac}; }
};

inline constexpr std::size_t kRecordHeadBytes1 = 36;
inline constexpr std::size_t kRecordHeadBytes2 = 52;

// The head at the front of `bytes`, when its numbers are possible.
[[nodiscard]] std::optional<RecordHead> read_head(BytesView bytes);
// The whole record at the front of `bytes`, its checksum right.
[[nodiscard]] std::optional<RecordHead> read_record(BytesView bytes);
// That the record is of version 2, under this key, and follows `before`.
[[nodiscard]] bool authentic(const RecordHead& head, BytesView record, const Chain& before,
                             const RecordKey& key);
// Appends a record of version 2; `chain` becomes what the next one follows.
void put_record(Bytes& out, const LogRow& row, std::uint64_t group, Chain& chain,
                const RecordKey& key);

// The first place in `bytes` where a record of either version might begin; bytes.size(): none.
[[nodiscard]] std::size_t find_magic(BytesView bytes);

}  // namespace shikaku::storage
