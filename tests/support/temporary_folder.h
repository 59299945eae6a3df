// A folder of its own for one test, removed at the end.
#pragma once

#include <filesystem>

#include "gateway/support/clock.h"
#include "gateway/support/id.h"

namespace shikaku::testing {

class TemporaryFolder {
  public:
    TemporaryFolder()
        : path_(std::filesystem::temp_directory_path() /
                ("shikaku-test-" + make_ulid(SystemClock().now()))) {
        std::filesystem::create_directory(path_);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace shikaku::testing
