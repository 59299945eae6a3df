// registry.db as a file that is there or not. Only `shikaku init` makes one: a missing registry.db
// under a log is a loss, not an empty registry.
#pragma once

#include <filesystem>

#include "gateway/support/result.h"

namespace shikaku::storage {

// conflict when it is there and holds anything; an empty one, of an init that was cut short, stays.
[[nodiscard]] Status make_registry(const std::filesystem::path& file);

}  // namespace shikaku::storage
