// The transparency log: append-only, Merkle-hashed, signed. C2SP tlog-tiles and tlog-checkpoint.
//
// append() puts an entry into the queue of the one writer thread; the writer takes all that wait,
// extends the tree, writes leaves and sealed details to log.entries (group commit, fsync), and only
// then calls back. Readers see entries as soon as a checkpoint covers them, at most
// bounds::kCheckpointEvery later. After a failed write or flush the log has stopped: what is on
// disk is unknown, every later append fails until restart. A full disk is not that: nobody was told
// of what found no room, and the log goes on by itself when there is some again.
//
// Full tiles are checked against their leaves in the background; a difference is trouble too.
//
// A leaf says only version, time, kind and a salted commitment to the parts of the detail; nothing
// links two leaves. The detail lies sealed beside it and can be erased without changing a hash.
// Reads are safe from any thread and see durable, covered entries only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/audit/checkpoint.h"
#include "gateway/audit/entry.h"
#include "gateway/audit/receipt.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/crypto/signature.h"
#include "gateway/storage/anchor_place.h"
#include "gateway/storage/ports/log_storage.h"
#include "gateway/support/clock.h"

namespace shikaku::audit {

struct Appended {
    std::uint64_t index = 0;
    Instant time{};
    bool repeated = false;  // nothing was: that entry has the same token, for the same request
};
using AppendDone = std::move_only_function<void(Result<Appended>)>;

struct LogOptions {
    std::filesystem::path database;  // data directory / "log.db"; not with a storage of one's own
    std::string origin;              // "shikaku.example/log"
    std::vector<std::unique_ptr<storage::AnchorPlace>> anchors{};  // anchors.h
    bool anchors_lost = false;  // there were others: it is no log of before there were any
};

class Log {
  public:
    // Makes an empty log and signs it. conflict when there is one, or an anchor knows of one.
    [[nodiscard]] static Status create(LogOptions options, const crypto::KeyRing& keys,
                                       const crypto::SigningKey& signer, const Clock& clock);
    // Before anything is accepted or signed the tree is rebuilt from its stored tiles and compared
    // with the last signed checkpoint and every anchor: a difference is `corrupt` and nothing
    // starts. not_found when there is no log.
    [[nodiscard]] static Result<std::unique_ptr<Log>> open(LogOptions options,
                                                           const crypto::KeyRing& keys,
                                                           const crypto::SigningKey& signer,
                                                           const Clock& clock);
    // The same over a storage of one's own, as it was opened.
    [[nodiscard]] static Status create(std::unique_ptr<storage::LogStorage> storage,
                                       LogOptions options, const crypto::KeyRing& keys,
                                       const crypto::SigningKey& signer, const Clock& clock);
    [[nodiscard]] static Result<std::unique_ptr<Log>> open(
        std::unique_ptr<storage::LogStorage> storage, LogOptions options,
        const crypto::KeyRing& keys, const crypto::SigningKey& signer, const Clock& clock);
    ~Log();  // writes what is queued, signs, closes

    // `done` is called exactly once: from the writer's thread when the entry is durable or its
    // write has failed; on the calling thread, before append() returns, when it is refused.
    // audit_unavailable: there was no room on the disk, a later append may find some;
    // audit_stopped: not before a restart. Refused as well (overloaded when bounds::kLogQueue
    // entries or kLogQueueBytes wait; internal when the detail is longer than
    // bounds::kLogDetailBytes; token_replayed when its token was used for another request). It must
    // not throw or block.
    void append(EntryDraft draft, AppendDone done);
    // Blocks; never call it from a `done`.
    [[nodiscard]] Result<Appended> append_and_wait(EntryDraft draft);
    [[nodiscard]] bool healthy() const { return trouble().empty(); }
    // What is wrong, in words for operators; empty: nothing.
    [[nodiscard]] std::string trouble() const;

    // Entries that wait while `durable` stays the same: the disk hangs.
    struct Pulse {
        std::uint64_t durable = 0;
        bool waiting = false;
        bool stopped = false;  // nothing is taken before a restart
    };
    [[nodiscard]] Pulse pulse() const;

    [[nodiscard]] std::string vkey() const;             // C2SP verifier key
    [[nodiscard]] SignedCheckpoint checkpoint() const;  // the latest durable one
    // Calls back (writer's thread, or at once) when a checkpoint covers the entry; not_found when
    // there is no such durable entry, audit_unavailable or audit_stopped when the
    // log could not cover it.
    void when_covered(std::uint64_t index, std::move_only_function<void(Status)> done);

    // C2SP tlog-tiles, width 1..256; a width below what is there gives the tile of an older tree.
    // not_found when beyond the latest checkpoint.
    [[nodiscard]] Result<Bytes> tile(int level, std::uint64_t n, int width) const;
    [[nodiscard]] Result<Bytes> entry_bundle(std::uint64_t n, int width) const;
    // tlog-proof text without `extra`; the entry must be covered by the latest checkpoint.
    [[nodiscard]] Result<std::string> proof(std::uint64_t index) const;
    // tlog-proof with the entry and that share of it opened in its extra line (receipt.h).
    [[nodiscard]] Result<std::string> receipt(std::uint64_t index, Share share = {}) const;

    // not_found when beyond the latest checkpoint.
    [[nodiscard]] Result<OpenedEntry> open_entry(std::uint64_t index) const;
    // Covered entries from `begin` on that change the registry (registry_switch, scheme_change),
    // starts and stops, in order. Cheap however long the log is: an index of their own finds them.
    using ChangeVisitor = std::function<Status(std::uint64_t index, Kind)>;
    [[nodiscard]] Status visit_changes(std::uint64_t begin, const ChangeVisitor& visit) const;
    // nullopt: the log is empty.
    [[nodiscard]] Result<std::optional<Instant>> last_entry_time() const;
    // Token keys of covered entries since then, oldest first: what single use must remember over a
    // restart.
    using TokenVisitor = std::function<void(std::uint64_t index, Instant, const TokenUse&)>;
    [[nodiscard]] Status visit_tokens_since(Instant since, const TokenVisitor& visit) const;

  private:
    struct Impl;
    enum class Start : std::uint8_t { new_log, existing };
    using OpenStorage = std::function<Result<std::unique_ptr<storage::LogStorage>>()>;
    [[nodiscard]] static Result<std::unique_ptr<Log>> start(
        Start how, const OpenStorage& open_storage, LogOptions options, const crypto::KeyRing& keys,
        const crypto::SigningKey& signer, const Clock& clock);
    explicit Log(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::audit
