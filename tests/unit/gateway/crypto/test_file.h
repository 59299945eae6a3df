// Puts a file into a test's own folder.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "gateway/support/file.h"
#include "tests/support/temporary_folder.h"

namespace shikaku::testing {

inline std::filesystem::path test_file(const TemporaryFolder& folder, const std::string& name,
                                       std::string_view content, unsigned mode = 0600) {
    const auto path = folder.path() / name;
    if (const auto written = write_file(path, content, mode); !written) {
        throw std::runtime_error(written.error().detail);
    }
    return path;
}

}  // namespace shikaku::testing
