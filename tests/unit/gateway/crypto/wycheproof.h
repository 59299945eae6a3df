// Project Wycheproof's test vectors, read where they exist.
#pragma once

#include <optional>
#include <string>

#include "gateway/support/file.h"
#include "gateway/support/json.h"
#include "tests/support/reference.h"

namespace shikaku::testing {

inline std::optional<Json> wycheproof(const std::string& name) {
    const auto path = reference("vectors/wycheproof/" + name);
    if (!path) return std::nullopt;
    // Their files are not ours to bound: read with the library itself.
    return Json::parse(read_file(*path).value());
}

}  // namespace shikaku::testing
