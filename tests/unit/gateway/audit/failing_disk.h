// A disk that fails on request: SQLite's default file system while the object lives. Writes and
// syncs are counted from arm() on; number n of them fails, once. Nothing is really synced, for
// speed.
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
};

}  // namespace log_test
