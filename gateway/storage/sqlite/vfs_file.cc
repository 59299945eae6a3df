#include "gateway/storage/sqlite/vfs_file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <system_error>
#include <utility>

#include "gateway/storage/sqlite/sqlite_error.h"

namespace shikaku::storage {

namespace {

// SQLite's file system does not expect more than a page and reads the length modulo 128 KiB.
constexpr std::size_t kPieceBytes = 64 * 1024;

Error file_error(const std::filesystem::path& file, const char* what) {
    return {ErrorCode::storage_unavailable,
            file.string() + ": " + what + ": " + std::generic_category().message(errno)};
}

}  // namespace

Status create_if_missing(const std::filesystem::path& file) {
    // One that is there is not opened: closing it would give up the locks that this process has on
    // it, and SQLite's are such.
    const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) return fail(file_error(file, "cannot create"));
    if (fd < 0 && ::faccessat(AT_FDCWD, file.c_str(), R_OK | W_OK, AT_EACCESS) != 0)
        return fail(file_error(file, "cannot be read and written"));
    if (fd >= 0) ::close(fd);
    // Also when it was there: whoever made it may not have come to this.
    const auto folder = file.has_parent_path() ? file.parent_path() : ".";
    const int folder_fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0 || ::fsync(folder_fd) != 0) {
        auto error = file_error(folder, "cannot sync");
        if (folder_fd >= 0) ::close(folder_fd);
        return fail(std::move(error));
    }
    ::close(folder_fd);
    return {};
}

void VfsFile::Close::operator()(sqlite3_file* file) const {
    if (file->pMethods != nullptr) file->pMethods->xClose(file);
    // NOLINTNEXTLINE(cppcoreguidelines-*): its size is only known at run time
    std::free(file);
}

VfsFile::VfsFile(std::unique_ptr<const std::string> path) : path_(std::move(path)) {}

Result<VfsFile> VfsFile::open(const std::filesystem::path& file, Mode mode) {
    const auto path = std::filesystem::absolute(file);
    if (mode == Mode::write) SHIKAKU_TRY(create_if_missing(path));
    sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
    // NOLINTNEXTLINE(cppcoreguidelines-*): see Close
    void* const memory = std::calloc(1, static_cast<std::size_t>(vfs->szOsFile));
    if (memory == nullptr) throw std::bad_alloc();
    VfsFile opened(std::make_unique<const std::string>(path.string()));
    opened.file_.reset(static_cast<sqlite3_file*>(memory));
    // Of the kinds of file SQLite knows, the log of changes: opened without locks.
    const int flags =
        SQLITE_OPEN_WAL | (mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    SHIKAKU_TRY(opened.status(
        vfs->xOpen(vfs, opened.path_->c_str(), opened.file_.get(), flags, nullptr), "open"));
    return opened;
}

Status VfsFile::status(int code, const char* what) const {
    if (code == SQLITE_OK) return {};
    auto error = sqlite_error(code, sqlite3_errstr(code));
    error.detail = *path_ + ": " + what + ": " + error.detail;
    return fail(std::move(error));
}

Result<std::uint64_t> VfsFile::size() {
    sqlite3_int64 size = 0;
    SHIKAKU_TRY(status(file_->pMethods->xFileSize(file_.get(), &size), "size"));
    return static_cast<std::uint64_t>(size);
}

Status VfsFile::read(std::uint64_t at, std::span<std::uint8_t> out) {
    for (std::size_t done = 0; done < out.size(); done += kPieceBytes) {
        const auto part = out.subspan(done, std::min(kPieceBytes, out.size() - done));
        const int code = file_->pMethods->xRead(
            file_.get(), part.data(), static_cast<int>(part.size()),
            static_cast<sqlite3_int64>(at) + static_cast<sqlite3_int64>(done));
        if (code == SQLITE_IOERR_SHORT_READ)
            return fail(ErrorCode::corrupt, *path_ + " is shorter than it must be");
        SHIKAKU_TRY(status(code, "read"));
    }
    return {};
}

Status VfsFile::write(std::uint64_t at, BytesView bytes) {
    for (std::size_t done = 0; done < bytes.size(); done += kPieceBytes) {
        const auto part = bytes.subspan(done, std::min(kPieceBytes, bytes.size() - done));
        SHIKAKU_TRY(
            status(file_->pMethods->xWrite(file_.get(), part.data(), static_cast<int>(part.size()),
                                           static_cast<sqlite3_int64>(at + done)),
                   "write"));
    }
    return {};
}

Status VfsFile::truncate(std::uint64_t size) {
    return status(file_->pMethods->xTruncate(file_.get(), static_cast<sqlite3_int64>(size)),
                  "truncate");
}

bool VfsFile::reserve(std::uint64_t at, std::uint64_t bytes) const {
    const int fd = ::open(path_->c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return false;
    const bool done = ::fallocate(fd, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(at),
                                  static_cast<off_t>(bytes)) == 0 ||
                      errno == EOPNOTSUPP;
    ::close(fd);
    return done;
}

Status VfsFile::sync() {
    return status(file_->pMethods->xSync(file_.get(), SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY),
                  "sync");
}

}  // namespace shikaku::storage
