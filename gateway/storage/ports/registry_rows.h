// The rows in which the registry is kept (registry_storage.h). Keys are keyed hashes and payloads
// are sealed before they get here.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/support/bytes.h"

namespace shikaku::storage {

using Key16 = std::array<std::uint8_t, 16>;
[[nodiscard]] Key16 key16(BytesView bytes);  // the first 16 of at least 16 bytes

// The content of a row that was refused, and of which no more than its person is known. It is kept
// without a payload, so that what its authority says of the person is unknown, not "no record".
inline constexpr Key16 kUnread{};

using AuthorityNumber = std::uint32_t;  // 全国地方公共団体コード as a number

struct GenerationRow {
    enum class State : std::uint8_t { pending = 0, switched = 1, rolled_back = 2 };
    AuthorityNumber authority = 0;
    std::int64_t number = 0;
    std::int64_t base = 0;  // what was in force before; 0: nothing
    std::string publication;
    State state = State::pending;
    std::int64_t switched_ms = 0;
    std::int64_t rows = 0;      // in force in this generation
    std::int64_t first_id = 0;  // entitlement ids: first_id + line of the upload
    std::int64_t last_id = 0;
};

struct AuthorityRow {
    AuthorityNumber authority = 0;
    std::int64_t generation = 0;
    std::string pack_version;
    std::int64_t swept = 0;            // generations before it cannot be gone back to
    std::int64_t last_generation = 0;  // the newest number that was ever begun
};

struct PublicationRow {
    std::string id;
    AuthorityNumber authority = 0;
    std::string idempotency_key;  // as a keyed hash
    std::string parameters;
    int state = 0;
    std::int64_t base = 0;  // the generation it was compared with
    std::string report;     // JSON
    Bytes body{};           // keyed hash of what was uploaded; empty: not known
};

struct PackRow {
    AuthorityNumber authority = 0;
    std::string version;
    std::string body;
    std::int64_t accepted_ms = 0;
    std::int64_t log_index = 0;
};

// A change of what is in force that is about to be logged.
struct IntentRow {
    enum class Kind : std::uint8_t { switching = 1, schemes = 2 };  // on disk: never renumber
    AuthorityNumber authority = 0;
    Kind kind = Kind::switching;
    std::string subject;    // publication, or version of a pack
    std::string step;       // as the log says it
    std::int64_t base = 0;  // generations, from and to
    std::int64_t target = 0;
    std::int64_t after = -1;  // its entry has a higher index
};

struct InForceRow {
    Key16 history{}, content{};
    std::int64_t id = 0, gen_from = 0;
    std::uint32_t filled = 0;
};

struct RowContent {
    Key16 person{};
    Bytes sealed;  // both empty: there is no such row
};

struct NewRow {
    std::int64_t line;
    Key16 history, person;
    BytesView sealed;  // valid during the visit
};

struct StagedRemark {
    std::int64_t line = 0;
    int column = -1;
    int code = 0;
};

// What the publication does to the registry: a new row (line set), the end of an old one (old_id
// set), or a replacement (both).
struct StagedChange {
    std::int64_t line = 0;
    Key16 history{}, person{}, content{};  // content: kUnread of a refused row
    std::uint32_t filled = 0;
    std::int64_t old_id = 0;    // 0: none
    std::int64_t old_from = 0;  // its gen_from
    bool deleted = false;       // the old row ends because the upload says so
};

struct PersonRow {
    AuthorityNumber authority = 0;
    std::int64_t gen_from = 0;
    std::int64_t gen_to = 0;  // 0: has not ended
    bool deleted = false;     // how it ended: deleted, or left out of a full publication
    Key16 history{};
    Bytes sealed;  // empty: a row that was refused (kUnread)
};

// In the order of authorities, the oldest first. Its memory is used again by the next read.
struct PersonRows {
    std::vector<PersonRow> rows;
    std::size_t count = 0;  // of `rows` that were read
    // Of these there are more than the bounds, which no real person has: a question must not stall
    // on them, and they are no other authority's fault. The newest were read.
    std::vector<AuthorityNumber> cut_off;
};

// In the order of history keys.
struct SweepPlace {
    Key16 history{};
    std::int64_t gen_from = 0;
};
struct SweepStep {
    std::optional<SweepPlace> next{};         // where to go on; nothing: it was the last
    std::vector<std::int64_t> generations{};  // before `oldest`, in which a row that stays began
                                              // or ended
};

struct SealedRow {
    AuthorityNumber authority = 0;
    Key16 person{}, history{};
    Bytes sealed;
};

// Of looking through what is stored: places that are damaged, and where to go on.
struct PagesRead {
    std::uint32_t next = 0;  // 0: that was the last
    std::vector<std::uint32_t> damaged;
};

}  // namespace shikaku::storage
