#include "gateway/support/resumer.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <thread>

namespace shikaku {
namespace {

namespace asio = boost::asio;

TEST_CASE("what other threads resume runs once, in each thread's order, on the context's thread") {
    constexpr int kThreads = 4;
    constexpr int kEach = 5'000;
    asio::io_context context{1};
    auto resumer = Resumer::of_this_thread(context.get_executor());
    std::vector<std::vector<int>> seen(kThreads);
    int elsewhere = 0;
    const auto here = std::this_thread::get_id();

    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t, work = asio::make_work_guard(context)]() mutable {
            for (int i = 0; i < kEach; ++i)
                resumer->resume([&, t, i] {
                    seen[static_cast<std::size_t>(t)].push_back(i);
                    if (std::this_thread::get_id() != here) ++elsewhere;
                });
            // The last one ends this thread's share of the work.
            resumer->resume([work = std::move(work)] {});
        });
    }
    context.run();
    CHECK(elsewhere == 0);
    for (const auto& one : seen) {
        REQUIRE(one.size() == kEach);
        CHECK(std::ranges::is_sorted(one));
    }
}

TEST_CASE("a continuation may resume another") {
    asio::io_context context{1};
    auto resumer = Resumer::of_this_thread(context.get_executor());
    std::vector<int> seen;
    resumer->resume([&] {
        seen.push_back(1);
        resumer->resume([&] { seen.push_back(3); });
        seen.push_back(2);
    });
    context.run();
    CHECK(seen == std::vector{1, 2, 3});
}

TEST_CASE("a thread with a new context has a new resumer") {
    asio::io_context one{1};
    asio::io_context other{1};
    const auto first = Resumer::of_this_thread(one.get_executor());
    CHECK(Resumer::of_this_thread(one.get_executor()) == first);
    CHECK(Resumer::of_this_thread(other.get_executor()) != first);
}

}  // namespace
}  // namespace shikaku
