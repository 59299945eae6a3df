#include "tests/unit/gateway/audit/failing_disk.h"

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "gateway/support/log.h"

namespace log_test {

namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
std::atomic<std::int64_t> until_failure{kNever};

bool fails_now() {
    if (until_failure.load() == kNever) return false;
    return until_failure.fetch_sub(1) == 0;
}

sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs shim_vfs{};
sqlite3_io_methods shim_methods{};

std::atomic<FailingDisk::Full> full{FailingDisk::Full::nothing};
std::atomic<std::uint64_t> entries_bytes{0};

struct ShimFile {
    sqlite3_file base;
    bool entries, main;
    // The real file follows.
};
sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<ShimFile*>(file) + 1);
}

int shim_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    if (fails_now()) return SQLITE_IOERR_WRITE;
    const auto [base, entries, main] = *reinterpret_cast<ShimFile*>(file);
    if (full == FailingDisk::Full::everything ||
        (full == FailingDisk::Full::databases && !entries) ||
        (full == FailingDisk::Full::main_files && main))
        return SQLITE_FULL;
    if (entries) entries_bytes += static_cast<std::uint64_t>(size);
    return real(file)->pMethods->xWrite(real(file), data, size, at);
}
int shim_sync(sqlite3_file*, int) {
    return fails_now() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}
int shim_truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (fails_now()) return SQLITE_IOERR_TRUNCATE;
    return real(file)->pMethods->xTruncate(real(file), size);
}

void fill_methods() {
    auto& m = shim_methods;
    m.iVersion = 2;
    m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
    m.xRead = [](sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
        return real(f)->pMethods->xRead(real(f), data, size, at);
    };
    m.xWrite = shim_write;
    m.xTruncate = shim_truncate;
    m.xSync = shim_sync;
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
        return real(f)->pMethods->xFileSize(real(f), size);
    };
    m.xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); };
    m.xUnlock = [](sqlite3_file* f, int level) {
        return real(f)->pMethods->xUnlock(real(f), level);
    };
    m.xCheckReservedLock = [](sqlite3_file* f, int* held) {
        return real(f)->pMethods->xCheckReservedLock(real(f), held);
    };
    m.xFileControl = [](sqlite3_file* f, int what, void* with) {
        return real(f)->pMethods->xFileControl(real(f), what, with);
    };
    m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
    m.xDeviceCharacteristics = [](sqlite3_file* f) {
        return real(f)->pMethods->xDeviceCharacteristics(real(f));
    };
    m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    };
    m.xShmLock = [](sqlite3_file* f, int offset, int count, int flags) {
        return real(f)->pMethods->xShmLock(real(f), offset, count, flags);
    };
    m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
    m.xShmUnmap = [](sqlite3_file* f, int remove) {
        return real(f)->pMethods->xShmUnmap(real(f), remove);
    };
}

int shim_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int code = real_vfs->xOpen(real_vfs, name, real(file), flags, out_flags);
    file->pMethods = real(file)->pMethods ? &shim_methods : nullptr;
    auto& opened = *reinterpret_cast<ShimFile*>(file);
    opened.entries = name != nullptr && std::string_view(name).ends_with(".entries");
    opened.main = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    return code;
}

}  // namespace

FailingDisk::FailingDisk() {
    entries_bytes = 0;
    if (!shikaku::configure_log("off", "")) std::abort();  // every failure would be reported
    real_vfs = sqlite3_vfs_find(nullptr);
    fill_methods();
    shim_vfs = *real_vfs;  // everything but opening goes to the real one, with its own data
    shim_vfs.pNext = nullptr;
    shim_vfs.zName = "failing";
    shim_vfs.szOsFile = static_cast<int>(sizeof(ShimFile)) + real_vfs->szOsFile;
    shim_vfs.xOpen = shim_open;
    if (sqlite3_vfs_register(&shim_vfs, 1) != SQLITE_OK) std::abort();
}

FailingDisk::~FailingDisk() {
    until_failure = kNever;
    full = Full::nothing;
    sqlite3_vfs_unregister(&shim_vfs);
    sqlite3_vfs_register(real_vfs, 1);
    if (!shikaku::configure_log("info", "")) std::abort();
}

void FailingDisk::arm(std::int64_t n) {
    until_failure = n;
}

void FailingDisk::fill(Full what) {
    full = what;
}

std::uint64_t FailingDisk::written_to_entries() {
    return entries_bytes;
}

bool FailingDisk::disarm() {
    return until_failure.exchange(kNever) < 0;
}

}  // namespace log_test
