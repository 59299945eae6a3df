#include "gateway/support/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "gateway/support/bounds.h"
#include "gateway/support/clock.h"
#include "gateway/support/id.h"

namespace shikaku {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool ok() const { return fd_ >= 0; }
    // A failed close can be the first news of a failed write.
    [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

  private:
    int fd_;
};

std::unexpected<Error> io_error(std::string_view what, const std::filesystem::path& path) {
    const std::string cause = std::generic_category().message(errno);
    return fail(ErrorCode::io_failed, std::string(what) + " " + path.string() + ": " + cause);
}

Result<std::string> read_all(int fd, const std::filesystem::path& path, std::size_t bytes_max) {
    std::string content;
    constexpr std::size_t kStep = 64 * 1024;
    while (true) {
        const std::size_t used = content.size();
        content.resize(used + kStep);
        const ssize_t got = ::read(fd, content.data() + used, kStep);
        if (got < 0 && errno == EINTR) {
            content.resize(used);
            continue;
        }
        if (got < 0) return io_error("cannot read", path);
        content.resize(used + static_cast<std::size_t>(got));
        if (content.size() > bytes_max) {
            return fail(ErrorCode::io_failed,
                        path.string() + " is larger than " + std::to_string(bytes_max) + " bytes");
        }
        if (got == 0) return content;
    }
}

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

Status write_beside_and_rename(const std::filesystem::path& path,
                               const std::filesystem::path& beside, std::string_view content,
                               unsigned mode) {
    Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file.ok()) return io_error("cannot create", beside);
    // The mode is meant as given, whatever the umask.
    if (::fchmod(file.get(), mode) != 0) return io_error("cannot set the mode of", beside);
    if (!write_all(file.get(), content)) return io_error("cannot write", beside);
    if (::fsync(file.get()) != 0) return io_error("cannot sync", beside);
    if (!file.close()) return io_error("cannot close", beside);
    if (::rename(beside.c_str(), path.c_str()) != 0) return io_error("cannot replace", path);
    return {};
}

Status sync_folder(const std::filesystem::path& path) {
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.ok() || ::fsync(fd.get()) != 0) return io_error("cannot sync", folder);
    return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.ok()) return io_error("cannot open", path);
    return read_all(file.get(), path, bytes_max);
}

Status write_file(const std::filesystem::path& path, std::string_view content, unsigned mode) {
    const std::filesystem::path beside = path.string() + "." + make_ulid(SystemClock().now());
    if (auto written = write_beside_and_rename(path, beside, content, mode); !written) {
        ::unlink(beside.c_str());
        return written;
    }
    return sync_folder(path);
}

Result<std::string> read_secret_file(const std::filesystem::path& path) {
    // Non-blocking, so that a pipe in the place of a key cannot hang the start.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.ok()) return io_error("cannot open", path);
    struct stat facts{};
    if (::fstat(file.get(), &facts) != 0) return io_error("cannot examine", path);
    if (!S_ISREG(facts.st_mode)) {
        return fail(ErrorCode::bad_key, path.string() + " is not a regular file");
    }
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(ErrorCode::bad_key, path.string() +
                                            " can be used by group or others; a secret needs "
                                            "mode 0600 or stricter");
    }
    return read_all(file.get(), path, bounds::kSecretFileBytes);
}

}  // namespace shikaku
