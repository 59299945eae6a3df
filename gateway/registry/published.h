// What is in force, for questions: the generations of every authority in memory, the rows about a
// person by one read of registry.db.
//
// A question takes the view of generations first and then a read transaction that is at least as
// new; a newer one does no harm, because rows of later generations are passed over. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "gateway/registry/registry.h"
#include "gateway/registry/row_keys.h"
#include "gateway/storage/ports/registry_storage.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::registry {

class Published {
  public:
    Published(storage::RegistryStorage& store, const RowKeys& keys);

    // Takes the generations anew from the store, of all sets or of one; every later question sees
    // them.
    [[nodiscard]] Status reload();
    [[nodiscard]] Status reload(RecordSet set);
    // A question met a row or a page that is damaged.
    [[nodiscard]] bool damaged() const { return damaged_.load(std::memory_order_relaxed); }

    struct InForce {
        std::int64_t generation = 0;
        Instant switched{};
        std::int64_t rows = 0;
        std::string publication;
    };
    [[nodiscard]] std::optional<InForce> in_force(RecordSet set) const;
    // The part of it that every question needs.
    [[nodiscard]] std::optional<registry::InForce> told(RecordSet set) const;
    [[nodiscard]] bool has_published(RecordSet set) const;
    [[nodiscard]] std::vector<domain::AuthorityCode> authorities(RecordType records) const;
    [[nodiscard]] storage::Reply<std::vector<PublishedFor>> find_all(const Hash256& link_key) const;
    // The same of any kind, as stored bytes, without the prefectures.
    [[nodiscard]] storage::Reply<std::vector<PublishedRows>> rows_of(RecordType records,
                                                                     const Hash256& link_key) const;
    [[nodiscard]] storage::Reply<std::vector<domain::AuthorityCode>> authorities_of(
        const Hash256& link_key) const;

  private:
    struct AuthorityView;
    struct View;
    struct Found;
    struct Read;

    [[nodiscard]] Result<AuthorityView> view_of(
        const storage::AuthorityRow& row,
        std::span<const storage::GenerationRow> generations) const;
    // Shows what `change` makes of the view.
    void show(const std::function<void(View&)>& change);
    [[nodiscard]] std::shared_ptr<const View> view() const;
    class Lent;
    // What `use` makes of all that is known about a person.
    template <class T, class Use>
    [[nodiscard]] storage::Reply<T> read(const storage::Key16& person, Use use) const;
    static void choose(Read& read);
    [[nodiscard]] std::unexpected<Error> refused(Error error) const;
    [[nodiscard]] std::vector<PublishedFor> gather(const storage::Key16& person,
                                                   const Read& now) const;
    [[nodiscard]] std::vector<PublishedRows> gather_rows(const storage::Key16& person,
                                                         const Read& now) const;
    Result<domain::Entitlement> open_entitlement(const storage::Key16& person,
                                                 const Found& found) const;
    void note_unreadable(const AuthorityView& authority, const Error& error) const;

    storage::RegistryStorage& store_;
    const RowKeys& keys_;
    mutable Mutex mutex_;
    std::shared_ptr<const View> view_ SHIKAKU_GUARDED_BY(mutex_);
    std::atomic<std::uint64_t> epoch_{0};
    mutable std::atomic<bool> damaged_{false};
    mutable std::atomic<bool> unreadable_{
        false};  // a row could not be opened, which is logged once
};

}  // namespace shikaku::registry
