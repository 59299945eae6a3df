#include "tests/reliability/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace shikaku::reliability {
namespace {

namespace fs = std::filesystem;
using What = Operation::What;

// Of every call into the kernel and the note of it: they stand in the order in which they happened.
std::mutex mutex;

struct Recorder {
    fs::path folder;
    Trace trace{};
    std::map<std::pair<dev_t, ino_t>, int> files{};
    int next_file = 0;

    std::optional<Fault> fault{};
    std::int64_t until_fault = 0;
    std::string fault_of{};
    bool happened = false;

    [[nodiscard]] std::optional<fs::path> below(const fs::path& path) const {
        const auto relative = fs::absolute(path).lexically_normal().lexically_relative(folder);
        if (relative.empty() || *relative.begin() == "..") return {};
        if (relative.string().ends_with("-shm")) return {};
        return relative;
    }
    int add(const struct stat& facts) { return files[{facts.st_dev, facts.st_ino}] = next_file++; }
    void created(const fs::path& name, const struct stat& facts) {
        trace.operations.push_back({.what = What::create, .file = add(facts), .name = name});
    }
    // The file behind a descriptor, if it is one of ours that still has a name.
    struct Known {
        int file;
        fs::path name;
        std::uint64_t size;
    };
    [[nodiscard]] std::optional<Known> of(int fd) {
        struct stat facts{};
        if (::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_nlink == 0) return {};
        char target[4096];
        const auto length =
            ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof target);
        if (length <= 0) return {};
        const auto name = below(std::string(target, static_cast<std::size_t>(length)));
        if (!name) return {};
        const auto found = files.find({facts.st_dev, facts.st_ino});
        if (found == files.end()) created(*name, facts);  // opened past us
        return Known{.file = files.at({facts.st_dev, facts.st_ino}),
                     .name = *name,
                     .size = static_cast<std::uint64_t>(facts.st_size)};
    }
    [[nodiscard]] bool strikes(Fault which, const fs::path& name) {
        if (fault != which || !name.string().ends_with(fault_of)) return false;
        if (until_fault-- > 0) return false;
        happened = true;
        return which == Fault::no_space || which == Fault::sync_lies || until_fault == -1;
    }
};

Recorder* active = nullptr;

void note_write(const Recorder::Known& known, std::uint64_t at, const void* data, ssize_t size) {
    if (size <= 0) return;
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    active->trace.operations.push_back(
        {.what = What::write, .file = known.file, .at = at, .bytes = Bytes(bytes, bytes + size)});
}

// -1 with errno: the write fails. Otherwise how many of the bytes it takes.
ssize_t allowed(const Recorder::Known& known, std::uint64_t at, std::size_t size) {
    if (active->strikes(Fault::interrupted, known.name)) {
        errno = EINTR;
        return -1;
    }
    if (at + size > known.size && active->strikes(Fault::no_space, known.name)) {
        errno = ENOSPC;
        return -1;
    }
    if (size > 1 && active->strikes(Fault::short_write, known.name)) size /= 2;
    return static_cast<ssize_t>(size);
}

// True, with errno: the call is not made.
bool fails(Fault which, const fs::path& name) {
    if (!active->strikes(which, name)) return false;
    errno = EIO;
    return true;
}

ssize_t watched_pread(int fd, void* into, std::size_t size, off_t at) {
    const std::lock_guard lock(mutex);
    const auto known = active ? active->of(fd) : std::nullopt;
    if (known && fails(Fault::read_fails, known->name)) return -1;
    return ::syscall(SYS_pread64, fd, into, size, at);
}

ssize_t watched_read(int fd, void* into, std::size_t size) {
    const std::lock_guard lock(mutex);
    const auto known = active ? active->of(fd) : std::nullopt;
    if (known && fails(Fault::read_fails, known->name)) return -1;
    return ::syscall(SYS_read, fd, into, size);
}

ssize_t do_pwrite(int fd, const void* data, std::size_t size, off_t at) {
    return ::syscall(SYS_pwrite64, fd, data, size, at);
}

ssize_t watched_pwrite(int fd, const void* data, std::size_t size, off_t at) {
    const std::lock_guard lock(mutex);
    const auto known = active ? active->of(fd) : std::nullopt;
    if (!known) return do_pwrite(fd, data, size, at);
    const ssize_t may = allowed(*known, static_cast<std::uint64_t>(at), size);
    if (may < 0) return may;
    const ssize_t put = do_pwrite(fd, data, static_cast<std::size_t>(may), at);
    note_write(*known, static_cast<std::uint64_t>(at), data, put);
    return put;
}

ssize_t watched_write(int fd, const void* data, std::size_t size) {
    const std::lock_guard lock(mutex);
    const auto known = active ? active->of(fd) : std::nullopt;
    if (!known) return ::syscall(SYS_write, fd, data, size);
    const bool append = (::fcntl(fd, F_GETFL) & O_APPEND) != 0;
    const auto at = append ? known->size : static_cast<std::uint64_t>(::lseek(fd, 0, SEEK_CUR));
    const ssize_t may = allowed(*known, at, size);
    if (may < 0) return may;
    const ssize_t put = ::syscall(SYS_write, fd, data, static_cast<std::size_t>(may));
    note_write(*known, at, data, put);
    return put;
}

int watched_sync(int fd) {
    const std::lock_guard lock(mutex);
    if (!active) return 0;
    struct stat facts{};
    if (::fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        char target[4096];
        const auto length =
            ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, sizeof target);
        const fs::path path(std::string(target, length > 0 ? static_cast<std::size_t>(length) : 0));
        if (const auto name = active->below(path))
            active->trace.operations.push_back({.what = What::sync_names, .name = *name});
        return 0;
    }
    const auto known = active->of(fd);
    if (!known || active->strikes(Fault::sync_lies, known->name)) return 0;
    const bool fails = active->strikes(Fault::sync_fails, known->name);
    active->trace.operations.push_back(
        {.what = fails ? What::sync_failed : What::sync, .file = known->file});
    if (fails) errno = EIO;
    return fails ? -1 : 0;
}

int watched_open(int folder, const char* path, int flags, mode_t mode) {
    const std::lock_guard lock(mutex);
    const auto any = active && folder == AT_FDCWD ? active->below(path) : std::nullopt;
    if (any && fails(Fault::name_fails, *any)) return -1;
    const bool writes = (flags & (O_CREAT | O_TRUNC)) != 0;
    const auto name = writes ? any : std::nullopt;
    struct stat facts{};
    const bool existed = name && ::lstat(path, &facts) == 0;
    const auto fd = static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
    if (fd < 0 || !name || ::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return fd;
    if (!existed) {
        active->created(*name, facts);
    } else if ((flags & O_TRUNC) != 0) {
        if (const auto known = active->of(fd))
            active->trace.operations.push_back({.what = What::resize, .file = known->file});
    }
    return fd;
}

int watched_truncate(int fd, off_t size) {
    const std::lock_guard lock(mutex);
    const auto known = active ? active->of(fd) : std::nullopt;
    if (known && fails(Fault::name_fails, known->name)) return -1;
    const auto done = static_cast<int>(::syscall(SYS_ftruncate, fd, size));
    if (known && done == 0)
        active->trace.operations.push_back(
            {.what = What::resize, .file = known->file, .at = static_cast<std::uint64_t>(size)});
    return done;
}

int watched_fallocate(int fd, int mode, off_t at, off_t size) {
    const std::lock_guard lock(mutex);
    const auto known = active ? active->of(fd) : std::nullopt;
    const auto end = static_cast<std::uint64_t>(at + size);
    if (known && end > known->size && active->strikes(Fault::no_space, known->name)) {
        errno = ENOSPC;
        return -1;
    }
    const auto done = static_cast<int>(::syscall(SYS_fallocate, fd, mode, at, size));
    if (known && done == 0 && mode == 0 && end > known->size)
        active->trace.operations.push_back({.what = What::resize, .file = known->file, .at = end});
    return done;
}

int watched_rename(const char* from, const char* to) {
    const std::lock_guard lock(mutex);
    const auto old_name = active ? active->below(from) : std::nullopt;
    const auto new_name = active ? active->below(to) : std::nullopt;
    if (new_name && fails(Fault::name_fails, *new_name)) return -1;
    const auto done = static_cast<int>(::syscall(SYS_rename, from, to));
    if (done == 0 && old_name && new_name)
        active->trace.operations.push_back(
            {.what = What::move, .name = *old_name, .to = *new_name});
    return done;
}

int watched_unlink(const char* path) {
    const std::lock_guard lock(mutex);
    const auto name = active ? active->below(path) : std::nullopt;
    struct stat facts{};
    const bool ours = name && ::lstat(path, &facts) == 0 && S_ISREG(facts.st_mode);
    if (ours && fails(Fault::name_fails, *name)) return -1;
    const auto done = static_cast<int>(::syscall(SYS_unlink, path));
    if (done == 0 && ours) {
        active->trace.operations.push_back({.what = What::remove, .name = *name});
        active->files.erase({facts.st_dev, facts.st_ino});  // the number can come again
    }
    return done;
}

}  // namespace

Disk::Disk(fs::path folder) {
    auto recorder = std::make_unique<Recorder>();
    recorder->folder = fs::absolute(folder).lexically_normal();
    for (const auto& entry : fs::recursive_directory_iterator(recorder->folder)) {
        const auto name = recorder->below(entry.path());
        struct stat facts{};
        if (!name || ::lstat(entry.path().c_str(), &facts) != 0 || !S_ISREG(facts.st_mode))
            continue;
        Bytes content(static_cast<std::size_t>(facts.st_size));
        std::ifstream(entry.path(), std::ios::binary)
            .read(reinterpret_cast<char*>(content.data()), facts.st_size);
        recorder->trace.before[*name] = {recorder->add(facts), std::move(content)};
    }
    const std::lock_guard lock(mutex);
    if (active) std::abort();
    active = recorder.release();
}

Disk::~Disk() {
    const std::lock_guard lock(mutex);
    delete std::exchange(active, nullptr);
}

std::size_t Disk::operations() const {
    const std::lock_guard lock(mutex);
    return active->trace.operations.size();
}

Trace Disk::trace() const {
    const std::lock_guard lock(mutex);
    return active->trace;
}

void Disk::arm(Fault fault, std::int64_t n, std::string of) {
    const std::lock_guard lock(mutex);
    active->fault = fault;
    active->until_fault = n;
    active->fault_of = std::move(of);
    active->happened = false;
}

bool Disk::disarm() {
    const std::lock_guard lock(mutex);
    active->fault.reset();
    return active->happened;
}

}  // namespace shikaku::reliability

// In the place of the C library's.
using namespace shikaku::reliability;
extern "C" {
ssize_t pread(int fd, void* into, size_t size, off_t at) {
    return watched_pread(fd, into, size, at);
}
ssize_t pread64(int fd, void* into, size_t size, off_t at) {
    return watched_pread(fd, into, size, at);
}
ssize_t read(int fd, void* into, size_t size) {
    return watched_read(fd, into, size);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
    return watched_pwrite(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off_t at) {
    return watched_pwrite(fd, data, size, at);
}
ssize_t write(int fd, const void* data, size_t size) {
    return watched_write(fd, data, size);
}
ssize_t writev(int fd, const iovec* parts, int count) {
    ssize_t all = 0;
    for (int i = 0; i < count; ++i) {
        const ssize_t put = watched_write(fd, parts[i].iov_base, parts[i].iov_len);
        if (put < 0) return all > 0 ? all : put;
        all += put;
        if (static_cast<size_t>(put) < parts[i].iov_len) break;
    }
    return all;
}
int fsync(int fd) {
    return watched_sync(fd);
}
int fdatasync(int fd) {
    return watched_sync(fd);
}
int ftruncate(int fd, off_t size) noexcept {
    return watched_truncate(fd, size);
}
int ftruncate64(int fd, off_t size) noexcept {
    return watched_truncate(fd, size);
}
int fallocate(int fd, int mode, off_t at, off_t size) {
    return watched_fallocate(fd, mode, at, size);
}
int fallocate64(int fd, int mode, off_t at, off_t size) {
    return watched_fallocate(fd, mode, at, size);
}
int posix_fallocate(int fd, off_t at, off_t size) {
    return watched_fallocate(fd, 0, at, size) == 0 ? 0 : errno;
}
int posix_fallocate64(int fd, off_t at, off_t size) {
    return watched_fallocate(fd, 0, at, size) == 0 ? 0 : errno;
}
int rename(const char* from, const char* to) noexcept {
    return watched_rename(from, to);
}
int unlink(const char* path) noexcept {
    return watched_unlink(path);
}
int remove(const char* path) noexcept {
    struct stat facts{};
    if (::lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) return ::rmdir(path);
    return watched_unlink(path);
}
int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return watched_open(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return watched_open(AT_FDCWD, path, flags, mode);
}
}
