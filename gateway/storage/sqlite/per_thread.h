// PerThread<T>: one read-only connection, with the statements prepared on it, for each thread.
//
//   struct Reader { Statement find; static Result<Reader> prepare(Database& database); };
//   PerThread<Reader> readers(options);                 // options.read_only is set here
//   auto reader = readers.get();                        // Result<Reader*>, this thread's own
//
// get() opens a connection the first time a thread asks and costs a look in a thread-local list
// afterwards. A thread that ends leaves its connection to the next new one. The object may be
// destroyed while threads that used it live on; nobody may be inside a reader at that moment.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "gateway/storage/sqlite/database.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::storage {

namespace detail {

class ReaderPool {
  public:
    virtual ~ReaderPool() = default;
    virtual void give_back(void* slot) = 0;
};

// What the calling thread holds, over all PerThread objects. Ids are never used twice, so an entry
// of a destroyed object is never found again; it is dropped when a new one is added.
class HeldReaders {
  public:
    static HeldReaders& of_this_thread();
    HeldReaders() = default;
    HeldReaders(const HeldReaders&) = delete;
    HeldReaders& operator=(const HeldReaders&) = delete;
    ~HeldReaders();

    [[nodiscard]] void* find(std::uint64_t owner) const {
        for (const auto& held : held_)
            if (held.owner == owner) return held.slot;
        return nullptr;
    }
    void add(std::uint64_t owner, void* slot, std::weak_ptr<ReaderPool> pool);

  private:
    struct Held {
        std::uint64_t owner;
        void* slot;
        std::weak_ptr<ReaderPool> pool;
    };
    std::vector<Held> held_;
};

[[nodiscard]] std::uint64_t next_reader_owner();

}  // namespace detail

template <class T>
class PerThread {
  public:
    explicit PerThread(DatabaseOptions options)
        : pool_(std::make_shared<Pool>()),
          options_(std::move(options)),
          id_(detail::next_reader_owner()) {
        options_.read_only = true;
    }

    [[nodiscard]] Result<T*> get() const {
        auto& held = detail::HeldReaders::of_this_thread();
        if (void* slot = held.find(id_)) return &static_cast<Slot*>(slot)->value;
        Slot* slot = pool_->take();
        if (!slot) {
            SHIKAKU_TRY_LET(auto made, make());
            slot = pool_->keep(std::move(made));
        }
        held.add(id_, slot, pool_);
        return &slot->value;
    }

  private:
    struct Slot {
        Database database;
        T value;  // destroyed first: its statements belong to the connection
    };

    class Pool final : public detail::ReaderPool {
      public:
        Slot* take() {
            const Lock lock(mutex_);
            if (free_.empty()) return nullptr;
            Slot* slot = free_.back();
            free_.pop_back();
            return slot;
        }
        Slot* keep(std::unique_ptr<Slot> slot) {
            const Lock lock(mutex_);
            free_.reserve(slots_.size() + 1);  // give_back must not need memory
            slots_.push_back(std::move(slot));
            return slots_.back().get();
        }
        void give_back(void* slot) override {
            const Lock lock(mutex_);
            free_.push_back(static_cast<Slot*>(slot));
        }

      private:
        Mutex mutex_;
        std::vector<std::unique_ptr<Slot>> slots_ SHIKAKU_GUARDED_BY(mutex_);
        std::vector<Slot*> free_ SHIKAKU_GUARDED_BY(mutex_);
    };

    Result<std::unique_ptr<Slot>> make() const {
        SHIKAKU_TRY_LET(auto database, Database::open(options_));
        SHIKAKU_TRY_LET(auto value, T::prepare(database));
        return std::make_unique<Slot>(std::move(database), std::move(value));
    }

    std::shared_ptr<Pool> pool_;
    DatabaseOptions options_;
    std::uint64_t id_;
};

}  // namespace shikaku::storage
