// Bytes in memory under the name of a file, for readers that open one.
#pragma once

#include <filesystem>
#include <string_view>

namespace shikaku::fuzz {

class MemoryFile {
  public:
    explicit MemoryFile(std::string_view content);
    ~MemoryFile();
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] std::filesystem::path path() const;

  private:
    int fd_;
};

}  // namespace shikaku::fuzz
