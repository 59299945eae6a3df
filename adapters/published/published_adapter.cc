#include "adapters/published/published_adapter.h"

#include "gateway/storage/ports/await.h"

namespace shikaku::adapters::published {

asio::awaitable<Result<Records>> PublishedAdapter::look_up(const LookUp& lookup) {
    auto reply = registry_.look_up(lookup.authority, lookup.link_key);
    const bool there = reply.is_there();
    auto found = there ? std::move(reply).take() : co_await storage::arrived(std::move(reply));
    if (!found) co_return fail(ErrorCode::source_unavailable, found.error().detail);
    if (found->cut_off)
        co_return fail(ErrorCode::source_unavailable, "more rows about this person than are read");
    co_return Records{
        .entitlements = std::move(found->entitlements), .as_of = found->as_of, .ambiguous = false};
}

}  // namespace shikaku::adapters::published
