// What others published and tests compare with: files in ../shared beside the checkout, which are
// not ours to copy. Where one is missing its comparison is skipped, with a line that says so; with
// SHIKAKU_REQUIRE_VECTORS=1 in the environment (.ci/run, where the folder is) the test fails.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

namespace shikaku::testing {

[[nodiscard]] inline std::optional<std::filesystem::path> reference(std::string_view name) {
    auto path = std::filesystem::path(SHIKAKU_SHARED_DIR) / name;
    if (std::filesystem::exists(path)) return path;
    const char* const required = std::getenv("SHIKAKU_REQUIRE_VECTORS");
    if (required != nullptr && std::string_view(required) == "1")
        FAIL("not compared: " << path << " is missing, and SHIKAKU_REQUIRE_VECTORS=1");
    WARN("skipped: " << path << " is missing");
    return std::nullopt;
}

}  // namespace shikaku::testing
