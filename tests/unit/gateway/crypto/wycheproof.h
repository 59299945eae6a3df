// Project Wycheproof's test vectors, read where they exist.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::testing {

// None, with a line that says so, when the vectors are not on this machine.
inline std::optional<Json> wycheproof(const std::string& name) {
    const std::string path = SHIKAKU_SHARED_DIR "/vectors/wycheproof/" + name;
    const auto text = read_file(path);
    if (!text) {
        WARN("SKIPPED: no third-party vectors at " << path);
        return std::nullopt;
    }
    // Their files are not ours to bound: read with the library itself.
    return Json::parse(*text);
}

}  // namespace shikaku::testing
