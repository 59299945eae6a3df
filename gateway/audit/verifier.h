// Offline verification of a whole log: every leaf is hashed again, every tile compared, the root
// held against the signed checkpoint. Memory stays flat; nothing of the log's own words is believed
// but the signature by the vkey.
//
// From the database file every stored checkpoint is checked at its size, and, with the key ring,
// that every detail opens to what its entry commits to. A log that is being written may be verified
// too: the latest checkpoint at the start decides how far.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/audit/checkpoint.h"
#include "gateway/crypto/key_ring.h"

namespace shikaku::audit {

struct Verification {
    Checkpoint checkpoint;          // covers this much
    std::uint64_t behind = 0;       // entries not covered by a checkpoint yet (database only)
    std::uint64_t checkpoints = 0;  // signatures checked
    std::uint64_t opened = 0;       // details checked (with a key ring)
    std::uint64_t erased = 0;       // details that are gone (with a key ring)
};

// corrupt: the log is not what was signed; first_bad is the lowest index that can be named. Other
// codes: it could not be read (io_failed, source_..., storage_unavailable, bad_key).
struct VerifyFailure {
    Error error;
    std::optional<std::uint64_t> first_bad;
};
using VerifyResult = std::expected<Verification, VerifyFailure>;
using VerifyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

[[nodiscard]] VerifyResult verify_database(const std::filesystem::path& file, std::string_view vkey,
                                           const crypto::KeyRing* keys,
                                           const VerifyProgress& progress);

// Gives the resource with that name below the log's prefix ("checkpoint", "tile/0/000"); not_found.
using FetchResource = std::function<Result<Bytes>(const std::string& name)>;
[[nodiscard]] FetchResource fetch_from_folder(std::filesystem::path folder);

[[nodiscard]] VerifyResult verify_tiles(const FetchResource& fetch, std::string_view vkey,
                                        const VerifyProgress& progress);

}  // namespace shikaku::audit
