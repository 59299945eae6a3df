// Offline verification of a whole log: every leaf is hashed again, every tile compared, the root
// held against the signed checkpoint. Memory stays flat; nothing of the log's own words is believed
// but the signature by the vkey. What could not be read is an error, never a yes.
//
// From the files every record of log.entries is read too, those behind log.db's last row included:
// leaf, token and place in log.db must be its own, and nothing may stand before, between or behind
// the records. Every stored checkpoint is checked at its size, and, with the key ring, that every
// detail opens to what its entry commits to. A log that is being written may be verified too: what
// was there at the start decides how far.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/audit/checkpoint.h"
#include "gateway/crypto/key_ring.h"

namespace shikaku::audit {

struct Verification {
    Checkpoint checkpoint;     // covers this much
    std::uint64_t behind = 0;  // entries not covered by a checkpoint yet (files only)
    // Of them: neither signed nor keyed, so that whoever can write the file can have made them.
    std::uint64_t behind_without_key = 0;
    std::uint64_t checkpoints = 0;  // signatures checked
    std::uint64_t kept = 0;         // kept checkpoints that agree
    std::uint64_t records = 0;      // of log.entries (files only)
    std::uint64_t opened = 0;       // details checked (with a key ring)
};

// corrupt: the log is not what was signed; first_bad is the lowest index that can be named. Other
// codes: it could not be read (io_failed, source_..., storage_unavailable, bad_key).
struct VerifyFailure {
    Error error;
    std::optional<std::uint64_t> first_bad;
};
using VerifyResult = std::expected<Verification, VerifyFailure>;
using VerifyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// A checkpoint that somebody kept: the log must still begin with what was signed then.
struct KeptCheckpoint {
    std::string name;  // where it was kept, for people
    Checkpoint checkpoint;
};
// From a signed note, or a receipt, which carries one. corrupt: neither, or of another log;
// bad_key.
[[nodiscard]] Result<Checkpoint> read_kept_checkpoint(std::string_view text, std::string_view vkey);

// log.entries lies beside `file`.
[[nodiscard]] VerifyResult verify_database(const std::filesystem::path& file, std::string_view vkey,
                                           const crypto::KeyRing* keys,
                                           const VerifyProgress& progress,
                                           std::span<const KeptCheckpoint> kept = {});

// Gives the resource with that name below the log's prefix ("checkpoint", "tile/0/000"); not_found.
using FetchResource = std::function<Result<Bytes>(const std::string& name)>;
[[nodiscard]] FetchResource fetch_from_folder(std::filesystem::path folder);

[[nodiscard]] VerifyResult verify_tiles(const FetchResource& fetch, std::string_view vkey,
                                        const VerifyProgress& progress,
                                        std::span<const KeptCheckpoint> kept = {});

}  // namespace shikaku::audit
