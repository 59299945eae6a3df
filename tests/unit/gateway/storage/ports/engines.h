// The engines that the suites of this folder are run for. One that is added here passes them as
// they are: what a suite asks for is what a port promises, nothing of one engine.
//
// An engine is data that can be opened, closed and opened again, and the ways to open it.
#pragma once

#include <memory>
#include <tuple>

#include "gateway/storage/sqlite/cache_store.h"
#include "gateway/storage/sqlite/registry_store.h"
#include "gateway/storage/sqlite/sqlite_log.h"
#include "tests/support/storage/memory_cache.h"
#include "tests/support/storage/memory_log.h"
#include "tests/support/storage/memory_registry.h"
#include "tests/support/temporary_folder.h"

namespace ports_test {

using namespace shikaku;
using namespace shikaku::storage;

struct SqliteEngine {
    shikaku::testing::TemporaryFolder folder;

    static RecordMac mac(std::initializer_list<BytesView> parts) {
        RecordMac mac{};
        for (const BytesView part : parts)
            for (const auto byte : part)
                mac[0] = static_cast<std::uint8_t>(mac[0] * 31 + byte);
        return mac;
    }
    [[nodiscard]] Result<std::unique_ptr<LogStorage>> create_log() {
        return SqliteLog::create(folder.path() / "log.db", mac);
    }
    [[nodiscard]] Result<std::unique_ptr<LogStorage>> open_log() {
        return SqliteLog::open(folder.path() / "log.db", mac);
    }
    [[nodiscard]] std::unique_ptr<RegistryStorage> open_registry() {
        return std::move(RegistryStore::open(folder.path() / "registry.db").value());
    }
    [[nodiscard]] std::unique_ptr<CacheStorage> open_cache() {
        return std::move(CacheStore::open(folder.path() / "cache.db").value());
    }
};

struct MemoryEngine {
    std::shared_ptr<shikaku::testing::MemoryLog::Data> log =
        std::make_shared<shikaku::testing::MemoryLog::Data>();

    [[nodiscard]] Result<std::unique_ptr<LogStorage>> create_log() { return open_log(); }
    [[nodiscard]] Result<std::unique_ptr<LogStorage>> open_log() {
        return std::make_unique<shikaku::testing::MemoryLog>(log);
    }
    std::shared_ptr<shikaku::testing::MemoryRegistry::Data> registry =
        std::make_shared<shikaku::testing::MemoryRegistry::Data>();
    [[nodiscard]] std::unique_ptr<RegistryStorage> open_registry() {
        return std::make_unique<shikaku::testing::MemoryRegistry>(registry);
    }
    std::shared_ptr<shikaku::testing::MemoryCache::Data> cache =
        std::make_shared<shikaku::testing::MemoryCache::Data>();
    [[nodiscard]] std::unique_ptr<CacheStorage> open_cache() {
        return std::make_unique<shikaku::testing::MemoryCache>(cache);
    }
};

using Engines = std::tuple<SqliteEngine, MemoryEngine>;

}  // namespace ports_test
