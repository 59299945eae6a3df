// From callbacks of other threads to coroutines, and work that blocks. The coroutine goes on on the
// thread of its connection.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "gateway/support/blocking_pool.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"
#include "gateway/support/resumer.h"

namespace shikaku {

namespace asio = boost::asio;

// Calls a handler back on its own executor, whose thread this is, from any thread, and keeps that
// executor's context alive until then.
template <class Handler>
auto resume_with(Handler handler) {
    const auto executor = asio::get_associated_executor(handler);
    return [handler = std::move(handler), work = asio::make_work_guard(executor),
            resumer = Resumer::of_this_thread(executor)](auto value) mutable {
        resumer->resume(
            [handler = std::move(handler), work = std::move(work),
             value = std::move(value)]() mutable { std::move(handler)(std::move(value)); });
    };
}

// Runs `job`, which gives a Result, in the caller's turn on the threads for things that block
// (SQLite, files), never on an io thread. overloaded: too much of the caller's waits already.
template <class Job>
[[nodiscard]] asio::awaitable<std::invoke_result_t<Job>> run_blocking(BlockingPool& pool,
                                                                      std::string caller,
                                                                      BlockingPool::Work work,
                                                                      Job job) {
    using Value = std::invoke_result_t<Job>;
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Value)>(
        [&pool, work](auto handler, const std::string& whose, Job what) {
            auto back = resume_with(std::move(handler));
            const auto resume = std::make_shared<decltype(back)>(std::move(back));
            const Status taken =
                pool.submit(whose, work, [resume, what = std::move(what)]() mutable {
                    Value value = fail(ErrorCode::internal);
                    try {
                        value = what();
                    } catch (const std::exception& bug) {
                        counter("shikaku_blocking_bugs_total", "Exceptions out of blocking work")
                            .Increment();
                        log_error("bug in blocking work", {{"what", typeid(bug).name()}});
                    }
                    (*resume)(std::move(value));
                });
            if (!taken) (*resume)(Value(fail(taken.error())));
        },
        asio::use_awaitable, std::move(caller), std::move(job));
}

}  // namespace shikaku
