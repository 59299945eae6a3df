// Which keys stored data was written with: an engine keeps check values of them (crypto/key_ring.h)
// beside the data. Another key ring finds nobody and opens nothing, and every question would be
// told "no record". Compared once, when the storage is opened and before anything is read from it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

namespace shikaku::storage {

struct KeyUse {
    std::map<std::string, Bytes, std::less<>> ring;  // check values of all keys there are, by name
    std::vector<std::string> used;                   // what is written from now on needs these
    // Called when there are no check values yet, because an earlier version made the data: whether
    // what stands there can be opened with this ring.
    std::function<Status()> proven = [] { return Status(); };
    // Called when the ring lacks a key the data was written with: whether it is still needed.
    std::function<Result<bool>(std::string_view name)> needed = [](std::string_view) {
        return Result<bool>(true);
    };
};

// For `proven`: what stands in `place` cannot be opened.
[[nodiscard]] Error wrong_key(const std::string& place, std::string_view name);

}  // namespace shikaku::storage
