// registry.db as a file that is there or not. Nothing but `shikaku init`, and `continue-log` when
// it is told that registry.db is lost too, makes one: a missing registry.db under a log is a loss,
// not an empty registry.
#pragma once

#include <filesystem>

#include "gateway/support/result.h"

namespace shikaku::storage {

// Whether it tells of anything: what was published, or a log that it belongs to.
[[nodiscard]] Result<bool> registry_tells_something(const std::filesystem::path& file);

// conflict when it tells of what was published; an empty one, of an init that was cut short, stays.
// A log's anchor in it is the caller's to judge (audit/anchors.h).
[[nodiscard]] Status make_registry(const std::filesystem::path& file);

}  // namespace shikaku::storage
