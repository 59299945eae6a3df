#include "gateway/support/await.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <optional>
#include <stdexcept>

namespace {

using namespace shikaku;
namespace asio = boost::asio;
using enum BlockingPool::Work;

asio::awaitable<void> run(BlockingPool& pool, std::function<Result<int>()> job,
                          std::optional<Result<int>>& out) {
    out = co_await run_blocking(pool, "authority:131016", upload, std::move(job));
}

TEST_CASE("blocking work gives its result back, an exception is an error of ours") {
    BlockingPool pool;
    asio::io_context io;
    std::optional<Result<int>> seven;
    std::optional<Result<int>> refused;
    std::optional<Result<int>> thrown;
    const auto spawn = [&](std::function<Result<int>()> job, std::optional<Result<int>>& out) {
        asio::co_spawn(io, run(pool, std::move(job), out),
                       [](const std::exception_ptr& bug) { CHECK_FALSE(bug); });
    };
    spawn([] { return 7; }, seven);
    spawn([] { return fail(ErrorCode::conflict); }, refused);
    spawn([]() -> Result<int> { throw std::runtime_error("x"); }, thrown);
    io.run();
    CHECK(seven.value() == 7);
    CHECK(refused.value().error().code == ErrorCode::conflict);
    CHECK(thrown.value().error().code == ErrorCode::internal);
    CHECK(counter("shikaku_blocking_bugs_total", "").Value() == 1);
}

TEST_CASE("blocking work beyond the caller's bound is told overloaded and does not run") {
    BlockingPool pool({.threads = 1, .uploads = 1, .waiting_per_caller = 1});
    std::promise<void> entered;
    std::promise<void> open;
    REQUIRE(pool.submit("authority:131016", upload, [&] {
        entered.set_value();
        open.get_future().wait();
    }));
    entered.get_future().wait();
    asio::io_context io;
    std::optional<Result<int>> first;
    std::optional<Result<int>> second;
    bool second_ran = false;
    const auto no_bug = [](const std::exception_ptr& bug) { CHECK_FALSE(bug); };
    const auto to_run = [] { return 1; };
    const auto not_to_run = [&]() -> Result<int> {
        second_ran = true;
        return 2;
    };
    asio::co_spawn(io, run(pool, to_run, first), no_bug);
    asio::co_spawn(io, run(pool, not_to_run, second), no_bug);
    while (!second)
        io.run_one();
    CHECK(second.value().error().code == ErrorCode::overloaded);
    CHECK_FALSE(first);
    open.set_value();
    io.run();
    CHECK(first.value() == 1);
    CHECK_FALSE(second_ran);
}

}  // namespace
