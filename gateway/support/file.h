// Small files, read and written whole.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "gateway/support/result.h"

namespace shikaku {

[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::size_t bytes_max = 64 * 1024 * 1024);
// Written beside, fsynced, renamed: a reader sees the old content or the new, never half.
[[nodiscard]] Status write_file(const std::filesystem::path& path, std::string_view content,
                                unsigned mode = 0644);
// A secret: bad_key unless it is a regular file that group and others cannot read.
[[nodiscard]] Result<std::string> read_secret_file(const std::filesystem::path& path);

}  // namespace shikaku
