// The log's group commit, for coroutines: they go on on the thread of their connection.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "gateway/audit/log.h"
#include "gateway/support/await.h"

namespace shikaku::audit {

[[nodiscard]] inline asio::awaitable<Result<Appended>> append(Log& log, EntryDraft draft) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<Appended>)>(
        [&log](auto handler, EntryDraft entry) {
            log.append(std::move(entry), resume_with(std::move(handler)));
        },
        asio::use_awaitable, std::move(draft));
}

[[nodiscard]] inline asio::awaitable<Status> covered(Log& log, std::uint64_t index) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Status)>(
        [&log, index](auto handler) { log.when_covered(index, resume_with(std::move(handler))); },
        asio::use_awaitable);
}

}  // namespace shikaku::audit
