// cache.db: sealed payloads by key, each with the moment it was put in. Knows nothing of what is
// inside. Commits are not fsynced: after a power loss the last ones may be missing.
//
// find() may be called by any thread; everything else by one thread, the writer. A file that cannot
// be read as ours is moved aside and a new one takes its place, as the cache can be filled again.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "gateway/storage/key_check.h"
#include "gateway/support/bytes.h"
#include "gateway/support/clock.h"
#include "gateway/support/result.h"

namespace shikaku::storage {

class CacheStore {
  public:
    struct Row {
        Hash256 key{};
        Instant put{};
        Bytes sealed;
    };

    [[nodiscard]] static Result<std::unique_ptr<CacheStore>> open(
        const std::filesystem::path& file);
    ~CacheStore();

    // To be called before anything else; see key_check.h. What was written with other keys is
    // taken out.
    [[nodiscard]] Status expect_keys(const KeyUse& use);

    // The payload under that key, if there is one.
    [[nodiscard]] Result<std::optional<Bytes>> find(const Hash256& key) const;
    // All rows in one transaction; a key that exists is overwritten.
    [[nodiscard]] Status put(std::span<const Row> rows);
    // Takes out the oldest rows until at most `rows_kept` are left; gives how many went.
    [[nodiscard]] Result<std::int64_t> trim(std::int64_t rows_kept);

  private:
    struct Impl;
    explicit CacheStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace shikaku::storage
