// The data directory with the keys that open it: log.db and log.entries, registry.db, cache.db.
// `serve` only ever continues what is there; a log is made by init_data() alone, and one that was
// lost is followed by another, under another name, by continue_log() alone.
#pragma once

#include <memory>
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

// Gives the log's verifier key. conflict: there is a log, or was.
[[nodiscard]] Result<std::string> init_data(const Config& config, const Clock& clock);

struct Continued {
    std::string vkey;
    std::string lost;  // origin and size that the newest anchor of the lost log names
};
// `[log] origin` has to be another name than the lost log's. What is left of the lost log's files
// is moved aside, beside where it lay; the new log's first entry says what was lost and why.
// RegistryFile::lost: registry.db is gone as well; an empty one is made, and authorities publish
// again. What was lost is told by the anchors, else by log.db; where neither can (not_found),
// `lost_origin` has to name it. conflict: nothing was lost.
enum class RegistryFile : std::uint8_t { there, lost };
[[nodiscard]] Result<Continued> continue_log(const Config& config, std::string_view reason,
                                             RegistryFile registry, const Clock& clock,
                                             std::string_view lost_origin = {});

// registry.db was lost, or an older one restored: the authorities that it lacks changes of have
// nothing in force until they publish again, packs first. The log says so. Their codes.
[[nodiscard]] Result<std::vector<domain::AuthorityCode>> continue_registry(const Config& config,
                                                                           std::string_view reason,
                                                                           const Clock& clock);

}  // namespace shikaku::app
