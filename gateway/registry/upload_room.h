// Whether there is room for an upload: bounds on what is staged, of one authority and in all, and a
// floor of free space that belongs to the log. A refused upload costs its repetition, a full disk
// every answer. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gateway/support/bounds.h"
#include "gateway/support/result.h"

namespace shikaku::registry {

// Of the disk of a folder; nothing is free when that cannot be told.
[[nodiscard]] std::filesystem::space_info space_of(const std::filesystem::path& folder);

struct UploadLimits {
    std::uint64_t staged = bounds::kStagedBytes;
    std::uint64_t staged_per_authority = bounds::kStagedBytesPerAuthority;
    std::uint64_t check_every = bounds::kStagedCheckEvery;
    std::uint64_t free_min = bounds::kFreeBytesForUploads;  // less on a small disk
    std::function<std::filesystem::space_info(const std::filesystem::path&)> space = space_of;
};

class UploadRoom {
  public:
    UploadRoom(std::filesystem::path folder, UploadLimits limits)
        : folder_(std::move(folder)), limits_(std::move(limits)) {}

    // storage_full, which is counted. `of_authority`: all its staging files.
    [[nodiscard]] Status check(const std::vector<std::filesystem::path>& of_authority) const;
    [[nodiscard]] Status check_switch(const std::filesystem::path& staged) const;
    [[nodiscard]] std::uint64_t check_every() const { return limits_.check_every; }

  private:
    [[nodiscard]] Status check_free(std::uint64_t needed) const;

    std::filesystem::path folder_;
    UploadLimits limits_;
};

}  // namespace shikaku::registry
