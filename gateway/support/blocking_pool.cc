#include "gateway/support/blocking_pool.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <typeinfo>
#include <utility>

#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku {
namespace {

constexpr std::string_view kNobody;  // whose line is what is put away

void count_refused(const char* reason) {
    counter("shikaku_blocking_refused_total", "Work refused because too much of it waits",
            {{"reason", reason}})
        .Increment();
}

void tell_bug(const char* what) {
    counter("shikaku_blocking_bugs_total", "Exceptions out of blocking work").Increment();
    log_error("bug in blocking work", {{"what", what}});
}

// What it holds goes with it: both happen outside the lock.
void run_to_its_end(BlockingPool::Job job) noexcept {
    try {
        job();
    } catch (const std::exception& bug) {
        tell_bug(typeid(bug).name());
    } catch (...) {
        tell_bug("no std::exception");
    }
}

}  // namespace

BlockingPool::BlockingPool(Options options) : options_(options) {
    kind_of(Work::change).running_max = options_.changes;
    kind_of(Work::reading).running_max = options_.readings;
    kind_of(Work::upload).running_max = options_.uploads;
    for (std::size_t i = 0; i < options_.threads; ++i) {
        threads_.emplace_back([this] {
            pthread_setname_np(pthread_self(), "blocking");
            run();
        });
    }
}

BlockingPool::~BlockingPool() {
    join();
}

Status BlockingPool::submit(std::string_view caller, Work work, Job job) {
    const Lock lock(mutex_);
    if (ending_) return fail(ErrorCode::shutting_down);
    Kind& kind = kind_of(work);
    const auto line = kind.lines.find(caller);
    const std::size_t ahead = line == kind.lines.end() ? 0 : line->second.jobs.size();
    if (ahead >= options_.waiting_per_caller) {
        count_refused("caller");
        return fail(ErrorCode::overloaded,
                    "this client has " + std::to_string(ahead) + " changes or readings waiting");
    }
    const std::size_t kept = work == Work::change ? 0 : options_.waiting_for_changes;
    if (waiting_ + kept >= options_.waiting) {
        count_refused("total");
        return fail(ErrorCode::overloaded, "too many changes or readings wait");
    }
    enqueue(kind, caller, std::move(job));
    return {};
}

void BlockingPool::enqueue(Kind& kind, std::string_view caller, Job job) {
    auto line = kind.lines.find(caller);
    if (line == kind.lines.end()) line = kind.lines.try_emplace(std::string(caller)).first;
    const bool comes_next = line->second.jobs.empty() && !line->second.running;
    line->second.jobs.push_back(std::move(job));
    ++waiting_;
    if (comes_next) kind.in_turn.push_back(line);
    changed_.notify_one();
}

void BlockingPool::put_away(std::shared_ptr<void> thing) {
    const Lock lock(mutex_);
    if (ending_) return;
    enqueue(kind_of(Work::upload), kNobody, [thing = std::move(thing)] {});
}

void BlockingPool::join() {
    {
        const Lock lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : std::exchange(threads_, {}))
        thread.join();
}

BlockingPool::Kind* BlockingPool::next_kind() {
    const auto goes = [](const Kind& kind) {
        return !kind.in_turn.empty() && kind.running < kind.running_max;
    };
    const auto next = std::ranges::find_if(kinds_, goes);
    return next == kinds_.end() ? nullptr : &*next;
}

void BlockingPool::run() {
    Lock lock(mutex_);
    while (true) {
        if (Kind* const kind = next_kind()) {
            Begun begun = begin_next(*kind);
            lock.unlock();
            run_to_its_end(std::move(begun.job));
            lock.lock();
            end(*kind, begun.line);
        } else if (ending_ && waiting_ == 0) {
            return;
        } else {
            changed_.wait(lock.to_wait());
        }
    }
}

BlockingPool::Begun BlockingPool::begin_next(Kind& kind) {
    const auto line = kind.in_turn.front();
    kind.in_turn.pop_front();
    Job job = std::move(line->second.jobs.front());
    line->second.jobs.pop_front();
    line->second.running = true;
    --waiting_;
    ++kind.running;
    return {std::move(job), line};
}

void BlockingPool::end(Kind& kind, Lines::iterator line) {
    --kind.running;
    line->second.running = false;
    if (line->second.jobs.empty()) {
        kind.lines.erase(line);
    } else {
        kind.in_turn.push_back(line);  // behind the others
    }
    // Its next job, or an upload that waited for a thread's leave, may go now; and at the end all
    // who wait for work learn that there is none.
    changed_.notify_all();
}

}  // namespace shikaku
