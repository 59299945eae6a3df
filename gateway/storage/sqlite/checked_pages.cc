#include "gateway/storage/sqlite/checked_pages.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <system_error>

#include "gateway/storage/sqlite/sqlite_error.h"
#include "gateway/storage/sqlite/vfs_file.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::storage {
namespace {

constexpr std::size_t kHeaderBytes = 100;  // of a database file
constexpr std::size_t kReservedAt = 20;

// Every step maps different words to different sums, so a change within one word always shows.
std::uint64_t mixed(std::uint64_t sum, std::uint64_t word) {
    return std::rotl((sum ^ word) * 0x9E3779B97F4A7C15U, 29);
}

std::uint64_t word_at(const std::uint8_t* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, 8);
    return std::endian::native == std::endian::big ? std::byteswap(word) : word;
}

// Four sums side by side, because one multiplication would wait for the other.
std::uint64_t checksum(const std::uint8_t* page, std::size_t bytes, std::uint32_t number) {
    std::uint64_t a = 1;
    std::uint64_t b = 2;
    std::uint64_t c = 3;
    std::uint64_t d = 4;
    const std::uint8_t* const last = page + bytes - 4 * 8;  // its fourth word is the checksum
    for (; page < last; page += 4 * 8) {
        a = mixed(a, word_at(page));
        b = mixed(b, word_at(page + 8));
        c = mixed(c, word_at(page + 16));
        d = mixed(d, word_at(page + 24));
    }
    a = mixed(a, word_at(last));
    b = mixed(b, word_at(last + 8));
    c = mixed(c, word_at(last + 16));
    std::uint64_t all = number;
    for (const std::uint64_t sum : {a, b, c, d})
        all = mixed(all, sum);
    return all == 0 ? 1 : all;
}

std::uint64_t stored_checksum(const std::uint8_t* page, std::size_t bytes) {
    std::uint64_t stored = 0;
    for (std::size_t i = bytes - kPageChecksumBytes; i < bytes; ++i)
        stored = stored << 8 | page[i];
    return stored;
}

struct Header {
    std::uint32_t page_bytes = 0;
    bool checked = false;

    static Header of(const std::uint8_t* bytes) {
        const std::uint32_t size = static_cast<std::uint32_t>(bytes[16]) << 8 | bytes[17];
        return {.page_bytes = size == 1 ? 65536 : size,
                .checked = bytes[kReservedAt] == kPageChecksumBytes};
    }
    [[nodiscard]] bool possible() const {
        return std::has_single_bit(page_bytes) && page_bytes >= 512;
    }
};

// The one that SQLite sees, followed in memory by the file system's own.
struct File {
    sqlite3_file base;
    const char* name;
    Header header;
    bool fresh;     // empty when it was opened: the first write tells the size of a page
    bool reported;  // a damaged page
};

static_assert(sizeof(File) % 8 == 0);  // SQLite's memory is aligned to eight bytes, no more

sqlite3_file* inner(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
}
sqlite3_vfs* inner(sqlite3_vfs* vfs) {
    return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

void report(File& file, std::uint32_t number) {
    static auto& counted = counter("shikaku_damaged_pages_read_total",
                                   "Pages of a database that failed their checksum when read");
    counted.Increment();
    if (std::exchange(file.reported, true)) return;
    log_error("a page of a database is damaged: restore the file from a backup",
              {{"file", file.name}, {"page", number}});
}

int read(sqlite3_file* raw, void* out, int amount, sqlite3_int64 at) {
    auto& file = *reinterpret_cast<File*>(raw);
    const int code = inner(raw)->pMethods->xRead(inner(raw), out, amount, at);
    if (code != SQLITE_OK) return code;
    const auto* bytes = static_cast<const std::uint8_t*>(out);
    const auto size = static_cast<std::size_t>(amount);
    if (at == 0 && size >= kHeaderBytes) file.header = Header::of(bytes);
    if (!file.header.checked || size != file.header.page_bytes || at % amount != 0) return code;
    const auto number = static_cast<std::uint32_t>(at / amount + 1);
    if (is_intact({bytes, size}, number)) return code;
    report(file, number);
    return SQLITE_IOERR_DATA;
}

int write(sqlite3_file* raw, const void* from, int amount, sqlite3_int64 at) {
    auto& file = *reinterpret_cast<File*>(raw);
    const auto* bytes = static_cast<const std::uint8_t*>(from);
    const auto size = static_cast<std::size_t>(amount);
    if (at == 0 && size >= kHeaderBytes) {
        file.header = Header::of(bytes);
    } else if (file.fresh && file.header.page_bytes == 0) {
        file.header = {.page_bytes = static_cast<std::uint32_t>(size), .checked = true};
    }
    const auto pass_on = [&](const void* what) {
        return inner(raw)->pMethods->xWrite(inner(raw), what, amount, at);
    };
    if (!file.header.checked || size != file.header.page_bytes || at % amount != 0)
        return pass_on(from);
    thread_local Bytes page;
    page.assign(bytes, bytes + size);
    std::uint64_t sum = checksum(bytes, size, static_cast<std::uint32_t>(at / amount + 1));
    for (std::size_t i = 0; i < kPageChecksumBytes; ++i, sum >>= 8)
        page[size - 1 - i] = static_cast<std::uint8_t>(sum);
    return pass_on(page.data());
}

const sqlite3_io_methods kMethods = {
    .iVersion = 2,  // without memory maps, which would show pages nobody compared
    .xClose = [](sqlite3_file* f) { return inner(f)->pMethods->xClose(inner(f)); },
    .xRead = read,
    .xWrite = write,
    .xTruncate = [](sqlite3_file* f,
                    sqlite3_int64 n) { return inner(f)->pMethods->xTruncate(inner(f), n); },
    .xSync = [](sqlite3_file* f, int flags) { return inner(f)->pMethods->xSync(inner(f), flags); },
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* n) { return inner(f)->pMethods->xFileSize(inner(f), n); },
    .xLock = [](sqlite3_file* f, int lock) { return inner(f)->pMethods->xLock(inner(f), lock); },
    .xUnlock = [](sqlite3_file* f,
                  int lock) { return inner(f)->pMethods->xUnlock(inner(f), lock); },
    .xCheckReservedLock =
        [](sqlite3_file* f, int* out) {
            return inner(f)->pMethods->xCheckReservedLock(inner(f), out);
        },
    .xFileControl = [](sqlite3_file* f, int op,
                       void* arg) { return inner(f)->pMethods->xFileControl(inner(f), op, arg); },
    .xSectorSize = [](sqlite3_file* f) { return inner(f)->pMethods->xSectorSize(inner(f)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) { return inner(f)->pMethods->xDeviceCharacteristics(inner(f)); },
    .xShmMap =
        [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
            return inner(f)->pMethods->xShmMap(inner(f), page, size, extend, out);
        },
    .xShmLock = [](sqlite3_file* f, int offset, int n,
                   int flags) { return inner(f)->pMethods->xShmLock(inner(f), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { inner(f)->pMethods->xShmBarrier(inner(f)); },
    .xShmUnmap = [](sqlite3_file* f,
                    int remove) { return inner(f)->pMethods->xShmUnmap(inner(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

// Journals and temporary files are the file system's own.
int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* raw, int flags, int* out_flags) {
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
        return inner(vfs)->xOpen(inner(vfs), name, raw, flags, out_flags);
    auto& file = *new (raw) File{.base = {.pMethods = nullptr},
                                 .name = name,
                                 .header = {},
                                 .fresh = false,
                                 .reported = false};
    sqlite3_file* const own = inner(raw);
    own->pMethods = nullptr;
    const int code = inner(vfs)->xOpen(inner(vfs), name, own, flags, out_flags);
    if (own->pMethods == nullptr) return code;
    file.base.pMethods = &kMethods;
    if (code != SQLITE_OK) return code;
    sqlite3_int64 size = 0;
    file.fresh = own->pMethods->xFileSize(own, &size) == SQLITE_OK && size == 0;
    std::array<std::uint8_t, kHeaderBytes> header{};
    if (!file.fresh && own->pMethods->xRead(own, header.data(), kHeaderBytes, 0) == SQLITE_OK)
        file.header = Header::of(header.data());
    return SQLITE_OK;
}

struct Layer {
    std::string name;
    sqlite3_vfs vfs;
};

// All but opening is the file system's own, called as itself.
std::unique_ptr<Layer> layer_over(sqlite3_vfs* below) {
    auto layer = std::make_unique<Layer>();
    layer->name = std::string("checked-pages-") + below->zName;
    sqlite3_vfs& vfs = layer->vfs;
    vfs = *below;
    vfs.iVersion = std::min(below->iVersion, 2);
    vfs.szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
    vfs.pNext = nullptr;
    vfs.zName = layer->name.c_str();
    vfs.pAppData = below;
    vfs.xOpen = open_file;
    vfs.xDelete = [](sqlite3_vfs* v, const char* name, int sync) {
        return inner(v)->xDelete(inner(v), name, sync);
    };
    vfs.xAccess = [](sqlite3_vfs* v, const char* name, int flags, int* out) {
        return inner(v)->xAccess(inner(v), name, flags, out);
    };
    vfs.xFullPathname = [](sqlite3_vfs* v, const char* name, int size, char* out) {
        return inner(v)->xFullPathname(inner(v), name, size, out);
    };
    vfs.xRandomness = [](sqlite3_vfs* v, int size, char* out) {
        return inner(v)->xRandomness(inner(v), size, out);
    };
    vfs.xSleep = [](sqlite3_vfs* v, int us) { return inner(v)->xSleep(inner(v), us); };
    vfs.xCurrentTime = [](sqlite3_vfs* v, double* out) {
        return inner(v)->xCurrentTime(inner(v), out);
    };
    vfs.xGetLastError = [](sqlite3_vfs* v, int size, char* out) {
        return inner(v)->xGetLastError(inner(v), size, out);
    };
    if (vfs.iVersion >= 2)
        vfs.xCurrentTimeInt64 = [](sqlite3_vfs* v, sqlite3_int64* out) {
            return inner(v)->xCurrentTimeInt64(inner(v), out);
        };
    return layer;
}

struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
};

Status run(sqlite3* db, const std::string& sql) {
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Status{} : fail(sqlite_error(db, code));
}

// The file of a database, to be looked at. It is opened as SQLite opens it, who keeps the
// descriptor as long as one of this process's connections holds a lock: closing any other
// descriptor of the file would give all of those up, as POSIX has it.
class MainFile {
  public:
    [[nodiscard]] static Result<MainFile> open(const std::filesystem::path& database) {
        sqlite3* raw = nullptr;
        const int code = sqlite3_open_v2(database.c_str(), &raw,
                                         SQLITE_OPEN_READONLY | SQLITE_OPEN_EXRESCODE, nullptr);
        MainFile file{std::unique_ptr<sqlite3, Close>(raw)};
        if (code != SQLITE_OK) return fail(sqlite_error(raw, code));
        sqlite3_file_control(raw, "main", SQLITE_FCNTL_FILE_POINTER,
                             static_cast<void*>(&file.file_));
        if (file.file_ == nullptr || file.file_->pMethods == nullptr)
            return fail(ErrorCode::storage_unavailable, database.string() + ": cannot open");
        return file;
    }
    [[nodiscard]] Result<std::uint64_t> size() {
        sqlite3_int64 size = 0;
        const int code = file_->pMethods->xFileSize(file_, &size);
        if (code != SQLITE_OK) return fail(sqlite_error(code, sqlite3_errstr(code)));
        return static_cast<std::uint64_t>(size);
    }
    // At most a page.
    [[nodiscard]] Status read(std::uint64_t at, std::span<std::uint8_t> out) {
        const int code = file_->pMethods->xRead(file_, out.data(), static_cast<int>(out.size()),
                                                static_cast<sqlite3_int64>(at));
        if (code == SQLITE_IOERR_SHORT_READ)
            return fail(ErrorCode::corrupt, "a database is shorter than it says");
        if (code != SQLITE_OK) return fail(sqlite_error(code, sqlite3_errstr(code)));
        return {};
    }

  private:
    explicit MainFile(std::unique_ptr<sqlite3, Close> db) : db_(std::move(db)) {}

    std::unique_ptr<sqlite3, Close> db_;
    sqlite3_file* file_ = nullptr;  // its
};

Result<Header> header_of(MainFile& file) {
    std::array<std::uint8_t, kHeaderBytes> header{};
    SHIKAKU_TRY(file.read(0, header));
    return Header::of(header.data());
}

}  // namespace

bool is_intact(BytesView page, std::uint32_t number) {
    const std::uint64_t stored = stored_checksum(page.data(), page.size());
    if (stored == checksum(page.data(), page.size(), number)) return true;
    // A page that was never written is a hole; SQLite takes none for a page of a tree.
    return stored == 0 && std::ranges::all_of(page, [](std::uint8_t byte) { return byte == 0; });
}

const char* checked_pages_vfs() {
    static std::mutex mutex;
    static std::map<sqlite3_vfs*, std::unique_ptr<Layer>> layers;
    const std::lock_guard lock(mutex);
    sqlite3_vfs* const below = sqlite3_vfs_find(nullptr);
    auto& layer = layers[below];
    if (!layer) {
        layer = layer_over(below);
        sqlite3_vfs_register(&layer->vfs, 0);
    }
    return layer->name.c_str();
}

Status add_page_checksums(const std::filesystem::path& database) {
    std::error_code error;
    if (std::filesystem::file_size(database, error) < kHeaderBytes || error) return {};
    {
        SHIKAKU_TRY_LET(auto file, MainFile::open(database));
        SHIKAKU_TRY_LET(const auto header, header_of(file));
        if (header.checked) return {};
    }
    auto fresh = database;
    fresh += ".new";
    std::filesystem::remove(fresh, error);
    {
        sqlite3* raw = nullptr;
        const int code =
            sqlite3_open_v2(database.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE,
                            checked_pages_vfs());
        const std::unique_ptr<sqlite3, Close> db(raw);
        if (code != SQLITE_OK) return fail(sqlite_error(raw, code));
        SHIKAKU_TRY(run(raw, "PRAGMA journal_mode=DELETE"));  // and nothing in the WAL any more
        int reserved = kPageChecksumBytes;
        sqlite3_file_control(raw, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
        std::string name = fresh.string();
        for (std::size_t at = 0; (at = name.find('\'', at)) != std::string::npos; at += 2)
            name.insert(at, 1, '\'');
        SHIKAKU_TRY(run(raw, "VACUUM INTO '" + name + "'"));
    }
    {
        SHIKAKU_TRY_LET(auto file, VfsFile::open(fresh, VfsFile::Mode::write));
        SHIKAKU_TRY(file.sync());
    }
    std::filesystem::permissions(
        fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    std::filesystem::rename(fresh, database, error);
    if (error)
        return fail(ErrorCode::storage_unavailable,
                    database.string() + ": cannot be replaced: " + error.message());
    log_info("the pages of a database have checksums now", {{"file", database.string()}});
    return {};
}

Result<PagesRead> read_pages(const std::filesystem::path& database, std::uint32_t first,
                             std::uint32_t count) {
    SHIKAKU_TRY_LET(auto file, MainFile::open(database));
    SHIKAKU_TRY_LET(const auto size, file.size());
    if (size < kHeaderBytes) return PagesRead{};
    SHIKAKU_TRY_LET(const auto header, header_of(file));
    if (!header.checked || !header.possible())
        return PagesRead{.damaged = {1}};  // the header itself
    const std::uint64_t pages = size / header.page_bytes;
    PagesRead read;
    Bytes page(header.page_bytes);
    std::uint64_t number = first;
    for (; number <= pages && number < std::uint64_t{first} + count; ++number) {
        SHIKAKU_TRY(file.read((number - 1) * page.size(), page));
        if (!is_intact(page, static_cast<std::uint32_t>(number)))
            read.damaged.push_back(static_cast<std::uint32_t>(number));
    }
    if (number <= pages) read.next = static_cast<std::uint32_t>(number);
    return read;
}

}  // namespace shikaku::storage
