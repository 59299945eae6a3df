// The data directory with the keys that open it: log.db and log.entries, registry.db, cache.db.
// `serve` only ever continues what is there; a log is made by init_data() alone, and one that was
// lost is followed by another, under another name, by continue_log() alone (continue_log.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/app/config.h"
#include "gateway/audit/log.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/crypto/signature.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::app {

struct DataKeys {
    std::unique_ptr<crypto::KeyRing> ring;           // blind keys, seals
    std::unique_ptr<crypto::SigningKey> log_signer;  // signs checkpoints
    [[nodiscard]] static Result<DataKeys> load(const Config& config);
};

[[nodiscard]] std::filesystem::path registry_of(const Config& config);
// The log with its anchors: the file of `[log] anchor` and a row of registry.db.
[[nodiscard]] audit::LogOptions log_options(const Config& config);

// Makes what is missing of the folder; only its owner may enter.
[[nodiscard]] Status make_folder(const std::filesystem::path& folder);
// registry.db tells something, or was told to be lost: then an empty one is made. not_found: an
// empty data directory would look the same.
enum class RegistryFile : std::uint8_t { there, lost };
[[nodiscard]] Status expect_registry(const Config& config, RegistryFile registry);
[[nodiscard]] Status check_reason(std::string_view reason);  // that an operator gives

// Gives the log's verifier key. conflict: there is a log, or was.
[[nodiscard]] Result<std::string> init_data(const Config& config, const Clock& clock);

// registry.db was lost, or an older one restored: the authorities that it lacks changes of have
// nothing in force until they publish again, packs first. The log says so. Their codes.
[[nodiscard]] Result<std::vector<domain::AuthorityCode>> continue_registry(const Config& config,
                                                                           std::string_view reason,
                                                                           const Clock& clock);

// What a log is held against that is not kept here.
struct KnownElsewhere {
    std::filesystem::path checkpoint{};   // its note, as an auditor has it
    bool nothing_newer_is_known = false;  // an operator says so who has looked at the log's end
};
struct KeptAnchors {
    std::vector<std::filesystem::path> files;
    std::uint64_t size = 0;       // of the log, before it says this
    std::optional<Instant> last;  // entry's time
};
// Anchors of a whole log were lost: they are made anew, by an operator's word that the log keeps.
// What is left is held against each other first, so corrupt: another anchor, registry.db or the
// checkpoint knows more of the log than there is, or another one. Where the file is lost, what is
// left may be an older copy together with the log: not_found, with the log's end, unless something
// elsewhere is named. conflict: no anchor is missing, or only that of a registry.db that is missing
// itself; or both are, and nothing here knows how far the log went.
[[nodiscard]] Result<KeptAnchors> keep_anchors(const Config& config, std::string_view reason,
                                               const KnownElsewhere& elsewhere, const Clock& clock);

}  // namespace shikaku::app
