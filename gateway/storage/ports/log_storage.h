// What the log needs of storage: entries in one order, durable as a group; full tiles and signed
// checkpoints over them. The bytes of leaves, tokens, details and notes mean nothing here.
//
// An engine says who comes first, not the process that asks: it gives entries their indexes, lets a
// card token be used once, and takes a checkpoint only behind the one it was made after. So several
// processes may use one engine that others can reach; one that cannot refuses a second process.
//
// Every implementation passes tests/unit/gateway/storage/ports/log_storage_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/storage/ports/key_use.h"
#include "gateway/storage/ports/reply.h"
#include "gateway/support/bytes.h"
#include "gateway/support/clock.h"

namespace shikaku::storage {

// A used card token as it is kept beside its entry. On disk: key 16 || expires u64be, in Unix
// seconds || request 8.
inline constexpr std::size_t kTokenBytes = 32;
using TokenBytes = std::array<std::uint8_t, kTokenBytes>;
[[nodiscard]] inline BytesView token_key(BytesView token) {
    return token.first(16);
}
[[nodiscard]] inline std::int64_t token_expires_s(BytesView token) {
    return static_cast<std::int64_t>(get_u64be(token.subspan(16, 8)));
}
[[nodiscard]] inline BytesView token_request(BytesView token) {
    return token.subspan(24, 8);
}

// Kinds of entries that a start looks for (audit/entry.h): what changes the registry, start, stop.
// In an index on disk: never changed without a migration.
inline constexpr std::array<std::uint8_t, 4> kChangeKinds = {4, 5, 9, 10};

struct NewEntry {
    BytesView leaf;
    BytesView token;  // empty: none
    BytesView sealed;
};

// What became of one entry of a group.
struct Placed {
    enum class How : std::uint8_t {
        appended,  // under `index`
        repeated,  // its token was used before, for the same request: by the entry `index`
        replayed,  // the same, for another request
    };
    How how = How::appended;
    std::uint64_t index = 0;
};

struct NewTile {
    int level = 0;
    std::uint64_t n = 0;
    BytesView hashes;
};

struct StoredCheckpoint {
    std::int64_t minute = 0;  // since 1970; of each minute the newest is kept
    std::uint64_t size = 0;
    std::string text;
};

class LogStorage {
  public:
    virtual ~LogStorage() = default;

    // ---- At start, in this order, before anything is written ----

    // bad_key: names the key and the place, and says what to do. Noted by accept().
    [[nodiscard]] virtual Status expect_keys(const KeyUse& use) = 0;
    // What a crash left half done is brought in order, and nothing lost that was acknowledged;
    // gives how many entries there are. corrupt: something is damaged, forged or missing.
    struct Known {
        std::optional<std::uint64_t> covered;  // by the newest checkpoint; nullopt: there is none
        bool anchored = false;                 // a checkpoint of this log is kept elsewhere
    };
    [[nodiscard]] virtual Result<std::uint64_t> recover(const Known& known) = 0;
    // The log is of a program that did not keep checkpoints elsewhere.
    [[nodiscard]] virtual bool may_lack_anchors() const { return false; }
    // What recover() found is taken for the log. `now` names what is put aside of it.
    [[nodiscard]] virtual Status accept(std::string_view now) = 0;
    // Entries before `first` have no token that could still be used.
    [[nodiscard]] virtual Status remember_tokens(std::uint64_t first) = 0;

    // ---- Of the one thread of this process that writes the log; it may wait ----

    // All entries in this order, under indexes that follow one another, or none; but an entry whose
    // token was used before is left out. `acknowledge` is called once, with one Placed for each
    // entry, when all that was appended is durable. storage_full before that: nothing was appended;
    // after it: what was said stands. After any other error nobody knows what is stored, and
    // nothing more may be written before a restart. A token that had expired long before `now`
    // claims nothing.
    using Acknowledge = std::function<void(std::span<const Placed>)>;
    [[nodiscard]] virtual Status append(std::span<const NewEntry> entries, Instant now,
                                        const Acknowledge& acknowledge) = 0;
    // After storage_full, and as long as that is the answer: there is no room yet. Afterwards all
    // that was acknowledged can be read again.
    [[nodiscard]] virtual Status try_again() = 0;

    // Full tiles ahead of the checkpoint that covers them.
    [[nodiscard]] virtual Status put_tiles(std::span<const NewTile> tiles) = 0;
    // A checkpoint, with the tiles that became full since the one over `after` entries (nullopt:
    // this is the first). A power cut may undo the latest ones, each as a whole; not what
    // make_safe() came after. conflict: the newest checkpoint is over another size; nothing was
    // changed.
    struct Covering {
        std::optional<std::uint64_t> after;
        std::span<const NewTile> tiles;
        StoredCheckpoint checkpoint;
    };
    [[nodiscard]] virtual Status cover(const Covering& covering) = 0;
    // After each checkpoint, once it was shown to readers: what is to be done now and then.
    [[nodiscard]] virtual Status keep_house() = 0;
    // No power cut undoes anything of what is covered.
    [[nodiscard]] virtual Status make_safe() = 0;

    // ---- Of any thread. Reads see at least what is covered; after recover() and try_again() all
    // that is durable. Views are valid during the visit, a visitor's error ends it ----

    [[nodiscard]] virtual Result<std::uint64_t> size() = 0;  // entries
    // nullopt: a log that was never signed.
    [[nodiscard]] virtual Result<std::optional<StoredCheckpoint>> newest_checkpoint() = 0;
    // not_found when there is none; a detail that was erased is nullopt.
    [[nodiscard]] virtual Reply<Bytes> leaf(std::uint64_t index) = 0;
    [[nodiscard]] virtual Reply<std::optional<Bytes>> detail(std::uint64_t index) = 0;
    [[nodiscard]] virtual Reply<Bytes> tile(int level, std::uint64_t n) = 0;

    // Entries from `begin` to before `end`, in order. These may wait.
    using LeafVisitor = std::function<Status(std::uint64_t index, BytesView leaf)>;
    [[nodiscard]] virtual Status visit_leaves(std::uint64_t begin, std::uint64_t end,
                                              const LeafVisitor& visit) = 0;
    // Those whose leaf's tenth byte, its kind, is in kChangeKinds; cheap however long the log is.
    [[nodiscard]] virtual Status visit_changes(std::uint64_t begin, std::uint64_t end,
                                               const LeafVisitor& visit) = 0;
    using TokenVisitor =
        std::function<Status(std::uint64_t index, BytesView leaf, BytesView token)>;
    [[nodiscard]] virtual Status visit_tokens(std::uint64_t begin, std::uint64_t end,
                                              const TokenVisitor& visit) = 0;

    // ---- For messages to operators ----

    [[nodiscard]] virtual std::string place() const = 0;
    // The main one first; none when nothing lies on this machine.
    [[nodiscard]] virtual std::vector<std::filesystem::path> files() const { return {}; }
};

}  // namespace shikaku::storage
