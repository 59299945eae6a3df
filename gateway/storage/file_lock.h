// One process at a time: an exclusive lock on a file of its own, held until destruction. The kernel
// drops it when the process dies. Another holder is `conflict`.
#pragma once

#include <filesystem>

#include "gateway/support/result.h"

namespace shikaku::storage {

class FileLock {
  public:
    [[nodiscard]] static Result<FileLock> take(const std::filesystem::path& file);
    // Whether another process holds it; a file that is not there is held by nobody.
    [[nodiscard]] static bool is_taken(const std::filesystem::path& file);
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

  private:
    explicit FileLock(int fd) : fd_(fd) {}
    int fd_ = -1;
};

}  // namespace shikaku::storage
