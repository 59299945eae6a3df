// The detail of an entry in parts, each committed to by a salted hash of its own: who may see one
// is shown that part and nothing of the others (gateway/docs/audit-format.md, section 1).
//
//   laid out     part(asker) || part(authority) * places || part(rest)
//   part         size u32be || salt 32 || text; no text: an empty place, its salt is its hash
//   part hash    SHA-256(role || salt || text), role 0x02 asker, 0x03 authority, 0x04 rest
//   commitment   SHA-256(0x05 || asker || rest || authorities, ascending)
//
// There are always 4, 8 or 16 places for authorities, and their hashes stand in ascending order:
// what surrounds an opened part tells neither who else was asked nor, but for very many, how many
// were.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

namespace shikaku::audit {

struct Detail {
    std::string rest{};   // for auditors. First: a text that names no part is theirs alone
    std::string asker{};  // the question, and exactly what was answered
    std::vector<std::string> authorities{};  // what each of them said

    [[nodiscard]] std::size_t size() const;  // of all texts
    // The text of an entry that has one part; empty when it has several, or none.
    [[nodiscard]] std::string_view only() const;
    bool operator==(const Detail&) const = default;
};

struct Part {
    BytesView salt;
    std::string_view text;
};
// Points into what was laid out.
struct Parts {
    Part asker, rest;
    std::vector<Part> authorities{};  // with the empty places
};

// In receipts: never renumber.
enum class Role : std::uint8_t { asker = 2, authority = 3, rest = 4 };

struct LaidOut {
    Bytes bytes;
    Hash256 commitment{};
};
// With fresh salts. At most bounds::kAuthoritiesPerQuestion authorities.
[[nodiscard]] LaidOut lay_out(const Detail& detail);
[[nodiscard]] Result<Parts> read_parts(BytesView laid_out);  // corrupt
[[nodiscard]] Detail detail_of(const Parts& parts);

[[nodiscard]] Hash256 part_hash(Role role, const Part& part);
[[nodiscard]] std::vector<Hash256> authority_hashes(const Parts& parts);  // in the parts' order
// Sorts the authorities' hashes.
[[nodiscard]] Hash256 commitment_of(const Hash256& asker, const Hash256& rest,
                                    std::span<Hash256> authorities);
[[nodiscard]] Hash256 commitment_of(const Parts& parts);

// 4, 8 or 16.
[[nodiscard]] bool is_place_count(std::size_t count);

}  // namespace shikaku::audit
