// The cache in one file, cache.db. Commits are not fsynced. A file that cannot be read as ours is
// moved aside and a new one takes its place, as the cache can be filled again.
#pragma once

#include <filesystem>
#include <memory>

#include "gateway/storage/ports/cache_storage.h"
#include "gateway/storage/sqlite/key_check.h"

namespace shikaku::storage {

class CacheStore final : public CacheStorage {
  public:
    [[nodiscard]] static Result<std::unique_ptr<CacheStore>> open(
        const std::filesystem::path& file);
    ~CacheStore() override;

    Status expect_keys(const KeyUse& use) override;
    Result<std::optional<Bytes>> find(const Hash256& key) const override;
    Status put(std::span<const CacheRow> rows) override;
    Result<std::int64_t> trim(std::int64_t rows_kept) override;

  private:
    struct Impl;
    explicit CacheStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::storage
