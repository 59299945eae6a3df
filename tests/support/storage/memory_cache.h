// The cache's storage in memory, for tests. Nothing outlives its Data.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gateway/storage/ports/cache_storage.h"

namespace shikaku::testing {

class MemoryCache final : public storage::CacheStorage {
  public:
    struct Data {
        std::mutex mutex;
        std::map<Hash256, storage::CacheRow> rows;
        std::map<std::string, Bytes, std::less<>> keys;
    };

    explicit MemoryCache(std::shared_ptr<Data> data) : data_(std::move(data)) {}

    Status expect_keys(const storage::KeyUse& use) override {
        const std::lock_guard lock(data_->mutex);
        for (const std::string& name : use.used) {
            const auto [noted, fresh] = data_->keys.try_emplace(name, use.ring.at(name));
            if (fresh || noted->second == use.ring.at(name)) continue;
            noted->second = use.ring.at(name);
            data_->rows.clear();
        }
        return {};
    }
    Result<std::optional<Bytes>> find(const Hash256& key) const override {
        const std::lock_guard lock(data_->mutex);
        const auto found = data_->rows.find(key);
        if (found == data_->rows.end()) return std::nullopt;
        return found->second.sealed;
    }
    Status put(std::span<const storage::CacheRow> rows) override {
        const std::lock_guard lock(data_->mutex);
        for (const storage::CacheRow& row : rows)
            data_->rows.insert_or_assign(row.key, row);
        return {};
    }
    Result<std::int64_t> trim(std::int64_t rows_kept) override {
        const std::lock_guard lock(data_->mutex);
        std::vector<std::pair<Instant, Hash256>> ages;
        for (const auto& [key, row] : data_->rows)
            ages.emplace_back(row.put, key);
        std::ranges::sort(ages);
        const auto gone = std::max<std::int64_t>(0, std::ssize(ages) - rows_kept);
        for (std::int64_t i = 0; i < gone; ++i)
            data_->rows.erase(ages[static_cast<std::size_t>(i)].second);
        return gone;
    }

  private:
    std::shared_ptr<Data> data_;
};

}  // namespace shikaku::testing
