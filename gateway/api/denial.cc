#include "gateway/api/denial.h"

#include "gateway/api/await.h"
#include "gateway/api/log_detail.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {

asio::awaitable<Error> log_denial(audit::Log& log, Refused refused) {
    static auto& denials = counter("shikaku_denials_total", "Requests refused");
    // The clock has told its trouble once, for everyone who asks meanwhile.
    if (refused.error.code == ErrorCode::clock_unsure) co_return refused.error;
    if (refused.error.code == ErrorCode::internal ||
        refused.error.code == ErrorCode::audit_unavailable ||
        refused.error.code == ErrorCode::audit_stopped) {
        log_error("request failed", refused.error);
        co_return refused.error;
    }
    denials.Increment();
    audit::EntryDraft draft{
        .kind = audit::Kind::denial,
        .detail = denial_detail(refused.caller, refused.request_id, refused.route, refused.error),
        .token = {}};
    const auto appended = co_await append(log, std::move(draft));
    co_return appended ? refused.error : appended.error();
}

}  // namespace shikaku::api
