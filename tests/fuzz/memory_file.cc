#include "tests/fuzz/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>
#include <string>

#include "tests/fuzz/target.h"

namespace shikaku::fuzz {

MemoryFile::MemoryFile(std::string_view content) : fd_(memfd_create("input", MFD_CLOEXEC)) {
    require(fd_ >= 0);
    require(write(fd_, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
}

MemoryFile::~MemoryFile() {
    close(fd_);
}

std::filesystem::path MemoryFile::path() const {
    return "/proc/self/fd/" + std::to_string(fd_);
}

}  // namespace shikaku::fuzz
