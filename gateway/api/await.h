// From callbacks of other threads to coroutines: the log's group commit, and work that blocks. The
// coroutine goes on on the thread of its connection.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

#include "gateway/api/resumer.h"
#include "gateway/audit/log.h"

namespace shikaku::api {

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

[[nodiscard]] inline asio::awaitable<Result<audit::Appended>> append(audit::Log& log,
                                                                     audit::EntryDraft draft) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<audit::Appended>)>(
        [&log](auto handler, audit::EntryDraft entry) {
            log.append(std::move(entry), resume_with(std::move(handler)));
        },
        asio::use_awaitable, std::move(draft));
}

[[nodiscard]] inline asio::awaitable<Status> covered(audit::Log& log, std::uint64_t index) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Status)>(
        [&log, index](auto handler) { log.when_covered(index, resume_with(std::move(handler))); },
        asio::use_awaitable);
}

// Runs `work` on the pool for things that block (SQLite, files), never on an io thread.
template <class Work>
[[nodiscard]] asio::awaitable<std::invoke_result_t<Work>> run_blocking(asio::thread_pool& pool,
                                                                       Work work) {
    using Value = std::invoke_result_t<Work>;
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Value)>(
        [&pool](auto handler, Work job) {
            asio::post(pool, [resume = resume_with(std::move(handler)),
                              job = std::move(job)]() mutable { resume(job()); });
        },
        asio::use_awaitable, std::move(work));
}

}  // namespace shikaku::api
