// What registry.db needs beside questions and publications, in small steps that hold nobody up:
// every page is compared with its checksum; rows, remarks and reports that nobody needs any more
// are erased (gateway/support/bounds.h says what is kept); a publication is not held for ever. What
// goes by its age stays as long as the clock is not trusted.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "gateway/registry/publisher.h"
#include "gateway/support/thread_safety.h"

namespace shikaku::registry {

class Housekeeping {
  public:
    Housekeeping(storage::RegistryStorage& store, Publisher& publisher, const Clock& clock)
        : store_(store), publisher_(publisher), clock_(clock) {}
    ~Housekeeping() { stop(); }
    Housekeeping(const Housekeeping&) = delete;
    Housekeeping& operator=(const Housekeeping&) = delete;

    // One round at the pace of bounds::kHousekeepingPause, then one every kHousekeepingEvery, by a
    // thread of its own.
    void start();
    void stop();
    // One round now; for tests.
    void round();
    // A page was found damaged. It stays so: the file has to be restored.
    [[nodiscard]] bool found_damage() const { return damage_.load(std::memory_order_acquire); }

  private:
    void run();
    bool pause(std::chrono::milliseconds time);  // false: stop
    void round_at_pace();
    [[nodiscard]] std::optional<Instant> trusted_time() const;
    Status check_pages();
    Status tidy(const storage::AuthorityRow& authority);
    Status sweep(const storage::AuthorityRow& authority);

    storage::RegistryStorage& store_;
    Publisher& publisher_;
    const Clock& clock_;
    std::atomic<bool> damage_{false};
    // What an authority was swept to (oldest generation, last ended one); nothing new: nothing to
    // do.
    std::map<storage::AuthorityNumber, std::pair<std::int64_t, std::int64_t>> swept_;
    Mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ SHIKAKU_GUARDED_BY(mutex_) = false;
    bool at_once_ = false;
    std::thread thread_;
};

}  // namespace shikaku::registry
