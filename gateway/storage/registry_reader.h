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
    Bytes sealed;
};

class RegistryReader : public Snapshot {
  public:
    [[nodiscard]] static Result<std::unique_ptr<RegistryReader>> prepare(Database& database);

    // Into `rows`, whose memory is used again; the number of rows found. storage_unavailable: more
    // than bounds::kRowsPerPerson, which no real person has; a question must not stall on them.
    [[nodiscard]] Result<std::size_t> find(const Key16& person, std::vector<PersonRow>& rows);

  private:
    Statement find_;
};

class RegistryReaders : public SnapshotReaders<RegistryReader> {
  public:
    explicit RegistryReaders(const std::filesystem::path& registry);
};

}  // namespace shikaku::storage
