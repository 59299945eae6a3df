// registry.db as a file that is there or not. Nothing but `shikaku init`, and `continue-log` when
// it is told that registry.db is lost too, makes one: a missing registry.db under a log is a loss,
// not an empty registry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku::storage {

// Whether it tells of anything: what was published, or a log that it belongs to.
[[nodiscard]] Result<bool> registry_tells_something(const std::filesystem::path& file);

// The last entry of the log with this verifier key that it knows; -1: none.
[[nodiscard]] Result<std::int64_t> registry_knows_log_up_to(const std::filesystem::path& file,
                                                            std::string_view vkey);

// conflict when it tells of what was published; an empty one, of an init that was cut short, stays.
// A log's anchor in it is the caller's to judge (audit/anchors.h).
[[nodiscard]] Status make_registry(const std::filesystem::path& file);

}  // namespace shikaku::storage
