// One entry of the log and its bytes (gateway/docs/audit-format.md has the grammar and an example).
//
//   leaf (42 bytes)  version u8 | time u64be, ms since 1970 | kind u8 | commitment 32
//   version 2        what is written: a commitment to a detail in parts (parts.h)
//   version 1        SHA-256(salt || detail), the detail one text: still read
//
// What a leaf shows: that something of this kind happened at this time. Nothing in it links it to
// another leaf. Who, about whom and what was answered is in the detail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/audit/parts.h"
#include "gateway/support/bytes.h"
#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::audit {

// In every leaf: never renumber.
enum class Kind : std::uint8_t {
    eligibility = 1,
    denial = 2,
    publication = 3,
    scheme_change = 4,
    registry_switch = 5,
    audit_search = 6,
    audit_export = 7,
    operator_action = 8,
    start = 9,
    stop = 10,
    checkups = 11,
};
[[nodiscard]] std::string_view name(Kind kind);
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view text);

// A used card token, kept beside the entry so that single use survives a restart: a keyed hash of
// issuer and jti, when the token ends, and a keyed hash of certificate and request.
struct TokenUse {
    std::array<std::uint8_t, 16> key{};
    std::int64_t expires_s = 0;  // Unix seconds, of the token
    std::array<std::uint8_t, 8> request{};
};

struct EntryDraft {
    Kind kind = Kind::eligibility;
    Detail detail;  // JSON objects, together at most bounds::kLogDetailBytes
    std::optional<TokenUse> token;
};

inline constexpr std::uint8_t kLeafWhole = 1;
inline constexpr std::uint8_t kLeafInParts = 2;
struct Leaf {
    Instant time{};
    Kind kind = Kind::eligibility;
    Hash256 commitment{};
    std::uint8_t version = kLeafInParts;
};
inline constexpr std::size_t kLeafBytes = 42;
using LeafBytes = std::array<std::uint8_t, kLeafBytes>;
[[nodiscard]] LeafBytes encode(const Leaf& leaf);
[[nodiscard]] Result<Leaf> decode_leaf(BytesView bytes);  // corrupt

// How much of an entry is open to who reads it. In receipts: never renumber.
enum class Opened : std::uint8_t { nothing = 0, all = 1, asker = 2, authority = 3 };

struct OpenedEntry {
    std::uint64_t index = 0;
    Leaf leaf;
    Opened opened = Opened::nothing;  // nothing: erased, or a receipt that shows nothing
    Detail detail;                    // of version 1: all of it is `rest`
};

}  // namespace shikaku::audit
