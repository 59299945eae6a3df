#include "gateway/storage/sqlite/cache_store.h"

#include <array>
#include <atomic>
#include <utility>

#include "gateway/storage/sqlite/snapshot.h"
#include "gateway/support/log.h"

namespace shikaku::storage {
namespace {

constexpr std::uint32_t kApplicationId = 0x53484b43;  // "SHKC"

constexpr auto kMigrations = std::to_array<Migration>({
    {.version = 1,
     .sql = "CREATE TABLE answer ("
            "  key BLOB NOT NULL PRIMARY KEY,"
            "  put_ms INTEGER NOT NULL,"
            "  sealed BLOB NOT NULL"
            ") WITHOUT ROWID"},
    {.version = 2, .sql = kKeyCheckTable},
});

// Of at most bounds::kCacheBatch answers each.
constexpr std::uint64_t kChangesInWal = 64;

DatabaseOptions options_for(const std::filesystem::path& file) {
    return {.file = file,
            .application_id = kApplicationId,
            .migrations = kMigrations,
            .durable = false};
}

// The file and what SQLite keeps beside it; the file keeps a name under which it can be looked at.
Status move_aside(const std::filesystem::path& file) {
    std::error_code error;
    for (const char* suffix : {"-wal", "-shm"}) {
        std::filesystem::path beside = file;
        std::filesystem::remove(beside += suffix, error);
    }
    std::filesystem::path unreadable = file;
    std::filesystem::rename(file, unreadable += ".unreadable", error);
    if (error) return fail(ErrorCode::storage_unavailable, "cannot move the cache file aside");
    return {};
}

Result<Database> open_or_replace(const std::filesystem::path& file) {
    auto database = Database::open(options_for(file));
    if (database || !std::filesystem::exists(file)) return database;
    log_warn("the cache file cannot be read and is replaced",
             {{"file", file.string()}, {"error", database.error().detail}});
    SHIKAKU_TRY(move_aside(file));
    return Database::open(options_for(file));
}

struct Reader : Snapshot {
    Statement find;

    static Result<std::unique_ptr<Reader>> prepare(Database& database) {
        auto reader = std::make_unique<Reader>();
        SHIKAKU_TRY(reader->prepare_snapshot(database));
        SHIKAKU_TRY_LET(auto find, database.prepare("SELECT sealed FROM answer WHERE key = ?1"));
        reader->find = std::move(find);
        return reader;
    }
};

}  // namespace

struct CacheStore::Impl {
    Impl(Database opened, const std::filesystem::path& path)
        : file(path), database(std::move(opened)), readers(options_for(path)) {}

    std::filesystem::path file;
    Database database;
    Statement put, trim;
    SnapshotReaders<Reader> readers;
    std::atomic<std::uint64_t> changes{0};  // what readers must see

    // A reader that keeps its snapshot keeps the WAL from starting anew: SQLite's own checkpoint,
    // inside a commit, would never come to that.
    void changed() {
        const auto count = changes.fetch_add(1, std::memory_order_release) + 1;
        if (count % kChangesInWal != 0) return readers.end_all();
        readers.while_none_reads([this] {
            const auto moved = database.execute("PRAGMA wal_checkpoint(RESTART)");
            if (!moved) log_error("the cache's write-ahead log cannot be emptied", moved.error());
        });
    }
};

CacheStore::CacheStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CacheStore::~CacheStore() = default;

Result<std::unique_ptr<CacheStore>> CacheStore::open(const std::filesystem::path& file) {
    SHIKAKU_TRY_LET(auto database, open_or_replace(file));
    SHIKAKU_TRY(database.execute("PRAGMA wal_autocheckpoint=0"));
    auto impl = std::make_unique<Impl>(std::move(database), file);
    SHIKAKU_TRY_LET(
        auto put,
        impl->database.prepare(
            "INSERT INTO answer (key, put_ms, sealed) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (key) DO UPDATE SET put_ms = excluded.put_ms, sealed = excluded.sealed"));
    SHIKAKU_TRY_LET(auto trim,
                    impl->database.prepare(
                        "DELETE FROM answer WHERE key IN (SELECT key FROM answer ORDER BY put_ms "
                        "LIMIT max(0, (SELECT count(*) FROM answer) - ?1))"));
    impl->put = std::move(put);
    impl->trim = std::move(trim);
    return std::unique_ptr<CacheStore>(new CacheStore(std::move(impl)));
}

Status CacheStore::expect_keys(const KeyUse& use) {
    const auto expected = storage::expect_keys(impl_->database, impl_->file, use);
    if (expected || expected.error().code != ErrorCode::bad_key) return expected;
    log_warn("the cache was written with other keys and is emptied",
             {{"file", impl_->file.string()}, {"error", expected.error().detail}});
    SHIKAKU_TRY(impl_->database.execute("DELETE FROM answer; DELETE FROM key_check"));
    return storage::expect_keys(impl_->database, impl_->file, use);
}

Result<std::optional<Bytes>> CacheStore::find(const Hash256& key) const {
    SHIKAKU_TRY_LET(auto reader, impl_->readers.mine());
    const std::lock_guard lock(reader->mutex);
    const auto changes = impl_->changes.load(std::memory_order_acquire);
    if (!reader->is_current(changes)) SHIKAKU_TRY(reader->begin(changes));
    Statement& find = reader->find;
    find.bind(1, BytesView(key));
    SHIKAKU_TRY_LET(const auto row, find.step());
    std::optional<Bytes> sealed;
    if (row) {
        const BytesView blob = find.blob(0);
        sealed.emplace(blob.begin(), blob.end());
    }
    find.reset();
    return sealed;
}

Status CacheStore::put(std::span<const CacheRow> rows) {
    SHIKAKU_TRY_LET(auto transaction, Transaction::begin(impl_->database));
    for (const CacheRow& row : rows) {
        impl_->put.bind(1, BytesView(row.key));
        impl_->put.bind(2, unix_ms(row.put));
        impl_->put.bind(3, BytesView(row.sealed));
        SHIKAKU_TRY(impl_->put.run());
    }
    SHIKAKU_TRY(transaction.commit());
    impl_->changed();
    return {};
}

Result<std::int64_t> CacheStore::trim(std::int64_t rows_kept) {
    impl_->trim.bind(1, rows_kept);
    SHIKAKU_TRY(impl_->trim.run());
    impl_->changed();
    return impl_->database.changes();
}

}  // namespace shikaku::storage
