// A read transaction that its thread keeps open between reads, because opening one costs more than
// the read. The owner has a stamp that changes with what readers must see; a transaction begun
// under another stamp, or an old one, is begun anew.
//
//   struct Reader : Snapshot { static Result<std::unique_ptr<Reader>> prepare(Database&); ... };
//   SnapshotReaders<Reader> readers(options);
//   auto reader = readers.mine();                    // the calling thread's own
//   const std::lock_guard lock((*reader)->mutex);    // for the length of a read
//   if (!(*reader)->is_current(stamp)) (*reader)->begin(stamp) ...
//
// end_all() ends those of idle threads, so that the write-ahead log can be emptied.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/storage/sqlite/per_thread.h"

namespace shikaku::storage {

class Snapshot {
  public:
    // Sees at least what was committed before; `stamp` is the owner's mark of that.
    [[nodiscard]] Status begin(std::uint64_t stamp);
    void end();
    [[nodiscard]] bool is_current(std::uint64_t stamp) const;

    std::mutex mutex;

  protected:
    [[nodiscard]] Status prepare_snapshot(Database& database);

  private:
    template <class Reader>
    friend class SnapshotReaders;

    Statement begin_, end_, touch_;
    bool open_ = false;
    bool listed_ = false;
    std::uint64_t stamp_ = 0;
    std::chrono::steady_clock::time_point begun_{};
};

template <class Reader>
class SnapshotReaders {
  public:
    explicit SnapshotReaders(DatabaseOptions options) : readers_(std::move(options)) {}

    [[nodiscard]] Result<Reader*> mine() const {
        SHIKAKU_TRY_LET(auto held, readers_.get());
        Reader* reader = held->reader.get();
        if (!reader->listed_) {
            const std::lock_guard lock(mutex_);
            listed_.push_back(reader);
            reader->listed_ = true;
        }
        return reader;
    }

    void end_all() const {
        const std::lock_guard lock(mutex_);
        for (Reader* reader : listed_) {
            const std::lock_guard reading(reader->mutex);
            reader->end();
        }
    }

    // Ends all, and lets none begin until `action` is done: what only runs when nobody reads.
    template <class Action>
    void while_none_reads(const Action& action) const {
        const std::lock_guard lock(mutex_);
        std::vector<std::unique_lock<std::mutex>> held;
        for (Reader* reader : listed_) {
            held.emplace_back(reader->mutex);
            reader->end();
        }
        action();
    }

  private:
    struct Held {
        std::unique_ptr<Reader> reader;
        [[nodiscard]] static Result<Held> prepare(Database& database) {
            SHIKAKU_TRY_LET(auto reader, Reader::prepare(database));
            return Held{.reader = std::move(reader)};
        }
    };
    PerThread<Held> readers_;
    mutable std::mutex mutex_;
    mutable std::vector<Reader*> listed_;
};

}  // namespace shikaku::storage
