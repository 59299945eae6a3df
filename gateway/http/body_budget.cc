#include "gateway/http/body_budget.h"

#include <string>

#include "gateway/support/bounds.h"

namespace shikaku::http {
namespace {

// False when there would be more than `most`; nothing is taken then.
bool take_of(BodyBudget::Bytes& in_use, std::uint64_t bytes, std::size_t most) {
    if (bytes > most) return false;
    if (in_use.fetch_add(bytes, std::memory_order_relaxed) <= most - bytes) return true;
    in_use.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
}

}  // namespace

Status BodyBudget::take_more(Bytes& client, std::uint64_t bytes, std::uint64_t whole) {
    const bool of_requests = of_ == Of::requests;
    if (!take_of(client, bytes, bounds_.per_client)) {
        (of_requests ? metrics_.bodies_refused_client : metrics_.responses_refused_client)
            .Increment();
        return fail(ErrorCode::overloaded,
                    std::string(of_requests ? "this client has other bodies under way, at most "
                                            : "this client has not read other answers, at most ") +
                        std::to_string(bounds_.per_client) + " bytes");
    }
    const bool small = whole <= bounds::kApiBodyBytes;
    if (!take_of(all_, bytes, small ? bounds_.total : bounds_.total / 4 * 3)) {
        client.fetch_sub(bytes, std::memory_order_relaxed);
        (of_requests ? metrics_.bodies_refused_total : metrics_.responses_refused_total)
            .Increment();
        return fail(ErrorCode::overloaded, of_requests ? "too many bodies are under way"
                                                       : "too many answers are not read yet");
    }
    return {};
}

Result<BodyBudget::Share> BodyBudget::take(Bytes& client, std::uint64_t bytes,
                                           std::uint64_t whole) {
    if (bytes == 0) return Share();
    SHIKAKU_TRY(take_more(client, bytes, whole));
    return Share(&all_, &client, bytes);
}

Status BodyBudget::grow(Share& share, std::uint64_t bytes) {
    SHIKAKU_TRY(take_more(*share.client_, bytes, share.bytes_ + bytes));
    share.bytes_ += bytes;
    return {};
}

}  // namespace shikaku::http
