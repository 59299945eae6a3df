// What this process asks of the disk below one folder, written down in order; and, on request,
// a disk that refuses, cuts short, fails to flush or only says that it flushed.
//
// The calls themselves are watched (write, fsync, rename, ...), not SQLite's file system: so
// nothing that any part of the gateway puts on disk goes past. Files are told apart by inode;
// folders are taken to be durable at once; what SQLite shares through "-shm" is left out, as after
// a power cut it is made anew. Flushes are not passed on, for speed. One Disk at a time; any thread
// may write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gateway/support/bytes.h"

namespace shikaku::reliability {

struct Operation {
    enum class What : std::uint8_t {
        write,        // `bytes` at `at` of `file`
        resize,       // `file` to `at` bytes
        sync,         // content and size of `file`
        sync_failed,  // told to the caller; the system takes what it holds for written
        create,       // `file` as `name`
        move,         // `name` to `to`
        remove,       // `name`
        sync_names,   // of the folder `name`
    };
    What what = What::write;
    int file = -1;
    std::uint64_t at = 0;
    Bytes bytes{};
    std::filesystem::path name{}, to{};  // below the folder
};

struct Trace {
    std::map<std::filesystem::path, std::pair<int, Bytes>> before;  // durable from the start
    std::vector<Operation> operations;
};

enum class Fault : std::uint8_t {
    no_space,     // a write fails with ENOSPC, and every later one that makes a file grow
    short_write,  // a write takes half of its bytes
    interrupted,  // a write fails with EINTR
    sync_fails,   // a flush fails with EIO
    sync_lies,    // flushes say that they were done, until disarm()
    read_fails,   // a read fails with EIO
    name_fails,   // an open, rename or removal of a file, or a change of its size, fails with EIO
};

class Disk {
  public:
    explicit Disk(std::filesystem::path folder);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    [[nodiscard]] std::size_t operations() const;
    [[nodiscard]] Trace trace() const;

    // Number `n` from now on, of files whose name ends in `of`; all but no_space and sync_lies
    // happen once.
    void arm(Fault fault, std::int64_t n, std::string of = {});
    bool disarm();  // true: it has happened
};

}  // namespace shikaku::reliability
