// Live answers of municipalities, sealed in cache.db, by authority, source (connection.h) and keyed
// hash of the person.
// Losing it costs freshness in an outage, nothing else, so writes are not fsynced, and what cannot
// be read counts as not there. At most bounds::kCachedAnswers are kept. Any thread may call.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "adapters/adapter.h"
#include "gateway/crypto/key_ring.h"

namespace shikaku::sources {

struct Cached {
    adapters::Records records;
    Instant fetched{};
};

class Cache {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Cache>> open(const std::filesystem::path& database,
                                                             const crypto::KeyRing& keys);
    ~Cache();  // writes what is queued
    [[nodiscard]] std::optional<Cached> find(domain::AuthorityCode authority, const Hash256& source,
                                             const Hash256& link_key) const;
    // Queued to the cache's own writer; a question never waits for it. When the queue is full the
    // oldest queued answer is dropped.
    void put(domain::AuthorityCode authority, const Hash256& source, const Hash256& link_key,
             adapters::Records records, Instant fetched);
    void flush();  // waits until what is queued is written (tests, shutdown)

  private:
    struct Impl;
    explicit Cache(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::sources
