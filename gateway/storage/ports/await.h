// Replies of storage for coroutines, which go on on the thread of their connection.
#pragma once

#include "gateway/storage/ports/reply.h"
#include "gateway/support/await.h"

namespace shikaku::storage {

// Only when it is not there already: that costs nothing.
template <class T>
[[nodiscard]] asio::awaitable<Result<T>> arrived(Reply<T> reply) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<T>)>(
        [](auto handler, Reply<T> waited) {
            std::move(waited).then(resume_with(std::move(handler)));
        },
        asio::use_awaitable, std::move(reply));
}

}  // namespace shikaku::storage
