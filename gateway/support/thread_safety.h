// Mutexes that clang checks: a member that is SHIKAKU_GUARDED_BY a Mutex is touched only while a
// Lock holds it, a function that SHIKAKU_REQUIRES one is called only then. In gateway/ what breaks
// the rule does not compile (-Wthread-safety).
//
// The standard library's mutexes carry no such marks, so these wrap them, at no cost. A predicate
// of a condition variable is a function of its own: it says SHIKAKU_REQUIRES too.
#pragma once

#include <mutex>

#define SHIKAKU_GUARDED_BY(mutex) __attribute__((guarded_by(mutex)))
#define SHIKAKU_REQUIRES(mutex) __attribute__((requires_capability(mutex)))

namespace shikaku {

class __attribute__((capability("mutex"))) Mutex {
  public:
    void lock() __attribute__((acquire_capability())) { mutex_.lock(); }
    void unlock() __attribute__((release_capability())) { mutex_.unlock(); }

  private:
    friend class Lock;
    std::mutex mutex_;
};

class __attribute__((scoped_lockable)) Lock {
  public:
    explicit Lock(Mutex& mutex) __attribute__((acquire_capability(mutex))) : lock_(mutex.mutex_) {}
    ~Lock() __attribute__((release_capability())) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    void unlock() __attribute__((release_capability())) { lock_.unlock(); }
    void lock() __attribute__((acquire_capability())) { lock_.lock(); }

    // For a condition variable, which gives it back locked.
    [[nodiscard]] std::unique_lock<std::mutex>& to_wait() { return lock_; }

  private:
    std::unique_lock<std::mutex> lock_;
};

}  // namespace shikaku
