// The question's read of registry.db: all rows about one person, by one look-up.
// The stamp of its snapshot is the owner's view of generations.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/storage/registry_store.h"
#include "gateway/storage/snapshot.h"

namespace shikaku::storage {

struct PersonRow {
    AuthorityNumber authority = 0;
    std::int64_t gen_from = 0;
    std::int64_t gen_to = 0;  // 0: has not ended
    bool deleted = false;     // how it ended: deleted, or left out of a full publication
    Key16 history{};
    Bytes sealed;  // empty: a row that was refused (kUnread)
};

// In the order of authorities, the oldest first. Its memory is used again by the next read.
struct PersonRows {
    std::vector<PersonRow> rows;
    std::size_t count = 0;  // of `rows` that were read
    // Of these there are more than the bounds, which no real person has: a question must not stall
    // on them, and they are no other authority's fault. The newest were read.
    std::vector<AuthorityNumber> cut_off;
};

class RegistryReader : public Snapshot {
  public:
    [[nodiscard]] static Result<std::unique_ptr<RegistryReader>> prepare(Database& database);

    [[nodiscard]] Status find(const Key16& person, PersonRows& found);

  private:
    [[nodiscard]] Status find_backwards(const Key16& person, PersonRows& found);

    Statement find_;
};

class RegistryReaders : public SnapshotReaders<RegistryReader> {
  public:
    explicit RegistryReaders(const std::filesystem::path& registry);
};

}  // namespace shikaku::storage
