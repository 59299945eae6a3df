#include "gateway/support/blocking_pool.h"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "gateway/support/metrics.h"

namespace shikaku {
namespace {

using enum BlockingPool::Work;

// A job that is at work until it is let go.
class Gate {
  public:
    BlockingPool::Job job() {
        return [this] {
            entered_.set_value();
            open_.get_future().wait();
        };
    }
    void wait_until_entered() { entered_.get_future().wait(); }
    void open() { open_.set_value(); }

  private:
    std::promise<void> entered_;
    std::promise<void> open_;
};

// The order in which jobs ran.
class Order {
  public:
    BlockingPool::Job job(std::string name) {
        return [this, name = std::move(name)] {
            const std::lock_guard lock(mutex_);
            ran_ += name + " ";
        };
    }
    std::string ran() {
        const std::lock_guard lock(mutex_);
        return ran_;
    }

  private:
    std::mutex mutex_;
    std::string ran_;
};

TEST_CASE("one authority's uploads cannot hold up another's upload, nor any rollback") {
    BlockingPool pool({.threads = 3, .uploads = 2});
    Gate first;
    REQUIRE(pool.submit("authority:131016", upload, first.job()));
    first.wait_until_entered();
    for (int i = 0; i < 10; ++i)  // its own wait for it, although a thread is free
        REQUIRE(pool.submit("authority:131016", upload, [] {}));
    std::promise<void> other;
    REQUIRE(pool.submit("authority:132012", upload, [&] { other.set_value(); }));
    other.get_future().wait();

    Gate second;
    REQUIRE(pool.submit("authority:132012", upload, second.job()));
    second.wait_until_entered();
    // All uploads there may be are at work: another waits, a rollback runs, also of one who
    // uploads.
    std::atomic<bool> third = false;
    REQUIRE(pool.submit("authority:011002", upload, [&] { third = true; }));
    for (const char* caller : {"authority:131016", "authority:132012", "authority:472018"}) {
        std::promise<void> rolled_back;
        REQUIRE(pool.submit(caller, change, [&] { rolled_back.set_value(); }));
        rolled_back.get_future().wait();
    }
    CHECK_FALSE(third);
    first.open();
    second.open();
    pool.join();
}

TEST_CASE("lines take turns, and changes go before uploads") {
    BlockingPool pool({.threads = 1, .uploads = 1});
    Gate gate;
    REQUIRE(pool.submit("x", upload, gate.job()));
    gate.wait_until_entered();
    Order order;
    for (const char* name : {"a1", "a2", "a3"})
        REQUIRE(pool.submit("a", upload, order.job(name)));
    REQUIRE(pool.submit("b", upload, order.job("b1")));
    REQUIRE(pool.submit("b", upload, order.job("b2")));
    REQUIRE(pool.submit("c", upload, order.job("c1")));
    REQUIRE(pool.submit("d", change, order.job("d1")));
    REQUIRE(pool.submit("d", change, order.job("d2")));
    REQUIRE(pool.submit("e", change, order.job("e1")));
    gate.open();
    pool.join();
    CHECK(order.ran() == "d1 e1 d2 a1 b1 c1 a2 b2 a3 ");
}

TEST_CASE("changes cannot hold up all uploads") {
    BlockingPool pool({.threads = 2, .changes = 1, .uploads = 1});
    Gate gate;
    REQUIRE(pool.submit("clinic", change, gate.job()));
    gate.wait_until_entered();
    for (int i = 0; i < 10; ++i)
        REQUIRE(pool.submit("clinic " + std::to_string(i), change, [] {}));
    std::promise<void> fed;
    REQUIRE(pool.submit("authority:131016", upload, [&] { fed.set_value(); }));
    fed.get_future().wait();
    gate.open();
    pool.join();
}

TEST_CASE("a caller's line is bounded, and all lines together; the others go on") {
    BlockingPool pool({.threads = 1,
                       .uploads = 1,
                       .waiting = 4,
                       .waiting_for_changes = 0,
                       .waiting_per_caller = 2});
    Gate gate;
    REQUIRE(pool.submit("x", change, gate.job()));
    gate.wait_until_entered();
    Order order;
    CHECK(pool.submit("a", upload, order.job("a1")));
    CHECK(pool.submit("a", upload, order.job("a2")));
    const auto own = pool.submit("a", upload, order.job("a3"));
    REQUIRE_FALSE(own);
    CHECK(own.error().code == ErrorCode::overloaded);
    CHECK(own.error().detail == "this client has 2 changes or readings waiting");
    CHECK(pool.submit("a", change, order.job("a4")));  // its own rollback has another line
    CHECK(pool.submit("b", upload, order.job("b1")));
    const auto all = pool.submit("c", change, order.job("c1"));
    REQUIRE_FALSE(all);
    CHECK(all.error().code == ErrorCode::overloaded);
    gate.open();
    pool.join();
    CHECK(order.ran() == "a4 a1 b1 a2 ");
    const auto late = pool.submit("c", change, order.job("c1"));
    REQUIRE_FALSE(late);
    CHECK(late.error().code == ErrorCode::shutting_down);
}

TEST_CASE("readings hold up no change, on no thread and in no line") {
    BlockingPool pool({.threads = 3,
                       .changes = 1,
                       .readings = 1,
                       .uploads = 1,
                       .waiting = 5,
                       .waiting_for_changes = 2,
                       .waiting_per_caller = 5});
    Gate uploading;
    Gate reading_one;
    REQUIRE(pool.submit("authority:131016", upload, uploading.job()));
    REQUIRE(pool.submit("clinic", reading, reading_one.job()));
    uploading.wait_until_entered();
    reading_one.wait_until_entered();
    for (int i = 0; i < 3; ++i)
        REQUIRE(pool.submit("clinic " + std::to_string(i), reading, [] {}));
    CHECK(pool.submit("clinic 4", reading, [] {}).error().code == ErrorCode::overloaded);
    CHECK(pool.submit("authority:132012", upload, [] {}).error().code == ErrorCode::overloaded);
    std::promise<void> rolled_back;
    REQUIRE(pool.submit("authority:132012", change, [&] { rolled_back.set_value(); }));
    rolled_back.get_future().wait();
    uploading.open();
    reading_one.open();
    pool.join();
}

TEST_CASE("what is put away goes on a thread of the pool, however much waits") {
    BlockingPool pool({.threads = 1, .waiting = 1, .waiting_for_changes = 0});
    Gate gate;
    REQUIRE(pool.submit("x", upload, gate.job()));
    gate.wait_until_entered();
    REQUIRE(pool.submit("x", upload, [] {}));
    std::promise<std::thread::id> gone;
    pool.put_away(std::shared_ptr<int>(new int(1), [&gone](const int* thing) {
        delete thing;
        gone.set_value(std::this_thread::get_id());
    }));
    gate.open();
    CHECK(gone.get_future().get() != std::this_thread::get_id());
    pool.join();
    bool here = false;
    pool.put_away(std::shared_ptr<int>(new int(1), [&here](const int* thing) {
        delete thing;
        here = true;
    }));
    CHECK(here);
}

TEST_CASE("many threads hand in work for many callers: each job runs once, none beside its own") {
    constexpr int kCallers = 5;
    constexpr int kJobs = 200;
    std::array<std::atomic<int>, kCallers> running{};
    std::array<std::atomic<int>, kCallers> done{};
    std::atomic<bool> beside = false;
    {
        BlockingPool pool(
            {.threads = 4, .uploads = 2, .waiting = 10'000, .waiting_per_caller = kJobs});
        std::vector<std::jthread> threads;
        for (int caller = 0; caller < kCallers; ++caller) {
            threads.emplace_back([&, caller] {
                for (int i = 0; i < kJobs; ++i) {
                    const auto taken = pool.submit(std::to_string(caller),
                                                   caller % 2 == 0 ? change : upload, [&, caller] {
                                                       if (++running[caller] != 1) beside = true;
                                                       ++done[caller];
                                                       --running[caller];
                                                   });
                    if (!taken) beside = true;
                }
            });
        }
    }
    CHECK_FALSE(beside);
    for (const auto& count : done)
        CHECK(count == kJobs);
}

TEST_CASE("a job that throws is counted as a bug; its line and its thread go on") {
    auto& bugs = counter("shikaku_blocking_bugs_total", "");
    const double before = bugs.Value();
    BlockingPool pool({.threads = 1, .changes = 1, .readings = 1, .uploads = 1});
    REQUIRE(pool.submit("a", change, [] { throw std::runtime_error("a bug"); }));
    REQUIRE(pool.submit("a", change, [] { throw 1; }));
    Order order;
    REQUIRE(pool.submit("a", change, order.job("a")));
    REQUIRE(pool.submit("b", change, order.job("b")));
    pool.join();
    CHECK(order.ran() == "b a ");
    CHECK(bugs.Value() == before + 2);
}

}  // namespace
}  // namespace shikaku
