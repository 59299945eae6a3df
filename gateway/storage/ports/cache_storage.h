// What the cache needs of storage: sealed payloads by key, each with the moment it was put in.
// Knows nothing of what is inside. It is this machine's own, whatever the registry and the log lie
// in, so a read never has to be waited for; what was put in last may be missing after a power loss.
//
// find() may be called by any thread; everything else by one thread, the writer. Every
// implementation passes tests/unit/gateway/storage/ports/cache_storage_test.cc.
#pragma once

#include <optional>
#include <span>

#include "gateway/storage/ports/key_use.h"
#include "gateway/support/bytes.h"
#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::storage {

struct CacheRow {
    Hash256 key{};
    Instant put{};
    Bytes sealed;
};

class CacheStorage {
  public:
    virtual ~CacheStorage() = default;
    // To be called before anything else; see key_use.h. What was written with other keys is
    // taken out.
    [[nodiscard]] virtual Status expect_keys(const KeyUse& use) = 0;
    // The payload under that key, if there is one.
    [[nodiscard]] virtual Result<std::optional<Bytes>> find(const Hash256& key) const = 0;
    // All rows or none; a key that exists is overwritten.
    [[nodiscard]] virtual Status put(std::span<const CacheRow> rows) = 0;
    // Takes out the oldest rows until at most `rows_kept` are left; gives how many went.
    [[nodiscard]] virtual Result<std::int64_t> trim(std::int64_t rows_kept) = 0;
};

}  // namespace shikaku::storage
