// A disk that fails on request: SQLite's default file system while the object lives. Writes and
// syncs are counted from arm() on; number n of them fails, once. It can be full, too. Nothing is
// really synced, for speed.
#pragma once

#include <cstdint>

namespace log_test {

class FailingDisk {
  public:
    FailingDisk();
    ~FailingDisk();
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;

    void arm(std::int64_t n);  // 0: the next one
    // True: the failure has happened.
    bool disarm();
    // Writes find no room from now on: in any file, in all but log.entries, or in databases' main
    // files while their write-ahead logs reuse the room they have.
    enum class Full : std::uint8_t { nothing, main_files, databases, everything };
    void fill(Full what);
    // Bytes written into log.entries, since the disk was made.
    [[nodiscard]] static std::uint64_t written_to_entries();
};

}  // namespace log_test
