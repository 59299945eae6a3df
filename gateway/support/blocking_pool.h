// Threads for work that blocks (SQLite, files), shared out fairly: every caller waits in a line of
// its own, the lines take turns, and of a line one job runs at a time. So nobody waits for more
// than one job of each other caller, however much that one sends.
//
// Changes (a rollback, a release), readings (a report, a pack) and uploads have lines of their own,
// and each kind may take some of the threads only: a change goes first, and finds a thread although
// all the readings and uploads there may be are at work.
//
// A line and all lines together are bounded, with room that only changes may take; beyond that
// submit() refuses at once. Thread-safe.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/support/bounds.h"
#include "gateway/support/result.h"
#include "gateway/support/thread_safety.h"

namespace shikaku {

class BlockingPool {
  public:
    enum class Work : std::uint8_t { change, reading, upload };
    using Job = std::move_only_function<void()>;

    struct Options {
        std::size_t threads = bounds::kBlockingThreads;
        std::size_t changes = bounds::kBlockingChanges;  // of them at once, of each kind
        std::size_t readings = bounds::kBlockingReadings;
        std::size_t uploads = bounds::kBlockingUploads;
        std::size_t waiting = bounds::kBlockingWaiting;
        std::size_t waiting_for_changes = bounds::kBlockingWaitingForChanges;  // of these
        std::size_t waiting_per_caller = bounds::kBlockingWaitingPerCaller;
    };

    BlockingPool() : BlockingPool(Options{}) {}
    explicit BlockingPool(Options options);
    ~BlockingPool();  // join()
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    // overloaded: the caller's line, or all lines, are as long as they may be; the job will not
    // run. A job that throws is a bug, counted and told; the next one goes on.
    [[nodiscard]] Status submit(std::string_view caller, Work work, Job job);
    // Destroys it on one of the threads (a file of gigabytes is not unlinked at once), whatever
    // else waits; on this one after join().
    void put_away(std::shared_ptr<void> thing);
    // Runs what waits to its end; nothing is taken any more.
    void join();

  private:
    struct Line {
        std::deque<Job> jobs;
        bool running = false;  // its first job
    };
    using Lines = std::map<std::string, Line, std::less<>>;
    struct Kind {
        Lines lines;                          // with a job, waiting or running
        std::deque<Lines::iterator> in_turn;  // with a job waiting and none running
        std::size_t running = 0;
        std::size_t running_max = 0;
    };

    [[nodiscard]] Kind& kind_of(Work work) SHIKAKU_REQUIRES(mutex_) {
        return kinds_[static_cast<std::size_t>(work)];
    }
    struct Begun {
        Job job;
        Lines::iterator line;
    };
    void enqueue(Kind& kind, std::string_view caller, Job job) SHIKAKU_REQUIRES(mutex_);
    void run();
    [[nodiscard]] Kind* next_kind() SHIKAKU_REQUIRES(mutex_);
    [[nodiscard]] Begun begin_next(Kind& kind) SHIKAKU_REQUIRES(mutex_);
    void end(Kind& kind, Lines::iterator line) SHIKAKU_REQUIRES(mutex_);

    const Options options_;
    Mutex mutex_;
    std::condition_variable changed_;
    std::array<Kind, 3> kinds_ SHIKAKU_GUARDED_BY(mutex_);  // by Work, what goes first first
    std::size_t waiting_ SHIKAKU_GUARDED_BY(mutex_) = 0;
    bool ending_ SHIKAKU_GUARDED_BY(mutex_) = false;
    std::vector<std::thread> threads_;
};

}  // namespace shikaku
