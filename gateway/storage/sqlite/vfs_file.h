// A file of ours beside a database, read and written through SQLite's own file system: its care for
// interrupted and short calls is ours too, and a test that makes that file system fail makes this
// file fail. No locks: the owner of the database's lock file writes, anyone reads. Never for the
// file of a database itself: closing it would give up the locks of SQLite's connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

struct sqlite3_file;  // NOLINT(readability-identifier-naming): SQLite's

namespace shikaku::storage {

// Creates an empty file that only its owner can read, unless there is one; the name is durable.
[[nodiscard]] Status create_if_missing(const std::filesystem::path& file);

class VfsFile {
  public:
    enum class Mode : std::uint8_t { read, write };

    [[nodiscard]] static Result<VfsFile> open(const std::filesystem::path& file, Mode mode);

    [[nodiscard]] std::filesystem::path path() const { return *path_; }
    [[nodiscard]] Result<std::uint64_t> size();
    // corrupt: the file ends before.
    [[nodiscard]] Status read(std::uint64_t at, std::span<std::uint8_t> out);
    [[nodiscard]] Status write(std::uint64_t at, BytesView bytes);
    [[nodiscard]] Status truncate(std::uint64_t size);
    [[nodiscard]] Status sync();  // content and size, not the times
    // Room on the disk from byte `at` on, without changing the size: what is written there later
    // finds it. False: there is none. A file system that cannot do this is believed to have some.
    [[nodiscard]] bool reserve(std::uint64_t at, std::uint64_t bytes) const;

  private:
    struct Close {
        void operator()(sqlite3_file* file) const;
    };
    explicit VfsFile(std::unique_ptr<const std::string> path);
    [[nodiscard]] Status status(int code, const char* what) const;

    std::unique_ptr<const std::string> path_;  // SQLite keeps a pointer to its bytes
    std::unique_ptr<sqlite3_file, Close> file_;
};

}  // namespace shikaku::storage
