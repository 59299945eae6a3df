#include "gateway/sources/cache.h"

#include <condition_variable>
#include <deque>
#include <thread>

#include "gateway/sources/cached_form.h"
#include "gateway/storage/sqlite/cache_store.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::sources {
namespace {

struct Item {
    Hash256 key{};
    Cached answer;
};

struct Metrics {
    prometheus::Counter& hits =
        counter("shikaku_cache_reads_total", "Cache reads", {{"result", "hit"}});
    prometheus::Counter& misses =
        counter("shikaku_cache_reads_total", "Cache reads", {{"result", "miss"}});
    prometheus::Counter& unreadable =
        counter("shikaku_cache_reads_total", "Cache reads", {{"result", "unreadable"}});
    prometheus::Counter& dropped =
        counter("shikaku_cache_dropped_total", "Answers not cached because the queue was full");
    prometheus::Counter& failed =
        counter("shikaku_cache_failed_total", "Answers not cached because writing failed");
};

}  // namespace

struct Cache::Impl {
    Impl(std::unique_ptr<storage::CacheStorage> opened, const crypto::KeyRing& ring)
        : store(std::move(opened)), keys(ring), writer([this] { write_until_closed(); }) {}

    ~Impl() {
        {
            const Lock lock(mutex);
            closing = true;
        }
        work.notify_one();
        writer.join();
    }

    [[nodiscard]] Hash256 key_of(domain::AuthorityCode authority, const Hash256& source,
                                 const Hash256& link_key) const {
        Bytes identity(as_bytes(authority.text()).begin(), as_bytes(authority.text()).end());
        identity.insert(identity.end(), source.begin(), source.end());
        identity.insert(identity.end(), link_key.begin(), link_key.end());
        return keys.blind(crypto::BlindPurpose::cache, identity);
    }

    void write_until_closed();
    void write(const std::deque<Item>& batch);
    void trim();

    std::unique_ptr<storage::CacheStorage> store;
    const crypto::KeyRing& keys;
    Metrics metrics;
    std::size_t written_since_trim = bounds::kCacheTrimEvery;  // the first write trims
    bool last_write_failed = false;

    Mutex mutex;
    std::condition_variable work, idle;
    std::deque<Item> queue SHIKAKU_GUARDED_BY(mutex);
    bool writing SHIKAKU_GUARDED_BY(mutex) = false;
    bool closing SHIKAKU_GUARDED_BY(mutex) = false;

    std::thread writer;  // last: starts when everything else is there
};

void Cache::Impl::write_until_closed() {
    Lock lock(mutex);
    while (true) {
        while (!closing && queue.empty())
            work.wait(lock.to_wait());
        if (queue.empty()) return;
        std::deque<Item> batch;
        while (!queue.empty() && batch.size() < bounds::kCacheBatch) {
            batch.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        writing = true;
        lock.unlock();
        write(batch);
        lock.lock();
        writing = false;
        if (queue.empty()) idle.notify_all();
    }
}

void Cache::Impl::write(const std::deque<Item>& batch) {
    std::vector<storage::CacheRow> rows;
    rows.reserve(batch.size());
    for (const Item& item : batch)
        rows.push_back({.key = item.key,
                        .put = item.answer.fetched,
                        .sealed = keys.seal(item.key, as_bytes(write_cached(item.answer)))});
    const auto written = store->put(rows);
    if (!written) {
        metrics.failed.Increment(static_cast<double>(rows.size()));
        if (!last_write_failed) log_error("answers cannot be cached", written.error());
        last_write_failed = true;
        return;
    }
    last_write_failed = false;
    written_since_trim += rows.size();
    if (written_since_trim >= bounds::kCacheTrimEvery) trim();
}

void Cache::Impl::trim() {
    written_since_trim = 0;
    const auto trimmed = store->trim(static_cast<std::int64_t>(bounds::kCachedAnswers));
    if (!trimmed)
        log_error("the cache cannot be trimmed", trimmed.error());
    else if (*trimmed > 0)
        log_info("cache trimmed", {{"answers", *trimmed}});
}

Cache::Cache(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cache::~Cache() = default;

Result<std::unique_ptr<Cache>> Cache::open(const std::filesystem::path& database,
                                           const crypto::KeyRing& keys) {
    SHIKAKU_TRY_LET(auto store, storage::CacheStore::open(database));
    SHIKAKU_TRY(store->expect_keys(
        {.ring = keys.check_values(),
         .used = {crypto::KeyRing::name(crypto::BlindPurpose::cache), keys.active_seal_name()},
         .needed = [](std::string_view) { return Result<bool>(false); }}));
    return std::unique_ptr<Cache>(new Cache(std::make_unique<Impl>(std::move(store), keys)));
}

std::optional<Cached> Cache::find(domain::AuthorityCode authority, const Hash256& source,
                                  const Hash256& link_key) const {
    const Hash256 key = impl_->key_of(authority, source, link_key);
    const auto sealed = impl_->store->find(key);
    if (!sealed) {
        impl_->metrics.unreadable.Increment();
        return std::nullopt;
    }
    if (!*sealed) {
        impl_->metrics.misses.Increment();
        return std::nullopt;
    }
    const auto plain = impl_->keys.open(key, **sealed);
    auto cached = plain ? read_cached(as_text(*plain)) : fail(plain.error());
    if (!cached) {
        impl_->metrics.unreadable.Increment();
        return std::nullopt;
    }
    impl_->metrics.hits.Increment();
    return std::move(*cached);
}

void Cache::put(domain::AuthorityCode authority, const Hash256& source, const Hash256& link_key,
                adapters::Records records, Instant fetched) {
    Item item{.key = impl_->key_of(authority, source, link_key),
              .answer = {.records = std::move(records), .fetched = fetched}};
    {
        const Lock lock(impl_->mutex);
        if (impl_->queue.size() >= bounds::kCacheQueue) {
            impl_->queue.pop_front();
            impl_->metrics.dropped.Increment();
        }
        impl_->queue.push_back(std::move(item));
    }
    impl_->work.notify_one();
}

void Cache::flush() {
    Lock lock(impl_->mutex);
    while (!impl_->queue.empty() || impl_->writing)
        impl_->idle.wait(lock.to_wait());
}

}  // namespace shikaku::sources
