// What is in force, for questions: the generations of every authority in memory, the rows about a
// person by one read of registry.db.
//
// A question takes the view of generations first and then a read transaction that is at least as
// new; a newer one does no harm, because rows of later generations are passed over. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "gateway/registry/registry.h"
#include "gateway/registry/row_keys.h"
#include "gateway/storage/registry_reader.h"

namespace shikaku::registry {

class Published {
  public:
    Published(storage::RegistryStore& store, const RowKeys& keys);

    // Takes the generations anew from the store; every later question sees them.
    [[nodiscard]] Status reload();
    // Ends the read transactions that threads keep open between questions, so that the write-ahead
    // log can be emptied.
    void let_go() const { readers_.end_all(); }

    struct InForce {
        std::int64_t generation = 0;
        Instant switched{};
        std::int64_t rows = 0;
        std::string publication;
    };
    [[nodiscard]] std::optional<InForce> in_force(domain::AuthorityCode authority) const;
    [[nodiscard]] bool has_published(domain::AuthorityCode authority) const;
    [[nodiscard]] std::vector<domain::AuthorityCode> authorities() const;
    [[nodiscard]] Result<std::vector<PublishedFor>> find_all(const Hash256& link_key) const;
    [[nodiscard]] Result<std::vector<domain::AuthorityCode>> authorities_of(
        const Hash256& link_key) const;

  private:
    struct AuthorityView;
    struct View;
    struct Found;

    [[nodiscard]] std::shared_ptr<const View> view() const;
    // The rows that count now, one for each history key, read within a view they belong to.
    Result<std::shared_ptr<const View>> read(const storage::Key16& person,
                                             std::vector<Found>& found) const;
    Result<domain::Entitlement> open(const storage::Key16& person, const Found& found) const;

    storage::RegistryStore& store_;
    const RowKeys& keys_;
    storage::RegistryReaders readers_;
    mutable std::mutex mutex_;
    std::shared_ptr<const View> view_;
    std::atomic<std::uint64_t> epoch_{0};
};

}  // namespace shikaku::registry
