#include "adapters/published/published_adapter.h"

namespace shikaku::adapters::published {

asio::awaitable<Result<Records>> PublishedAdapter::look_up(const LookUp& inquiry) {
    auto found = registry_.find(inquiry.authority, inquiry.link_key);
    if (!found) co_return fail(ErrorCode::source_unavailable, found.error().detail);
    if (found->cut_off)
        co_return fail(ErrorCode::source_unavailable, "more rows about this person than are read");
    co_return Records{
        .entitlements = std::move(found->entitlements), .as_of = found->as_of, .ambiguous = false};
}

}  // namespace shikaku::adapters::published
