// The question's read of registry.db: all rows about one person, by one look-up.
// The stamp of its snapshot is the owner's view of generations.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/storage/ports/registry_rows.h"
#include "gateway/storage/sqlite/snapshot.h"

namespace shikaku::storage {

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
