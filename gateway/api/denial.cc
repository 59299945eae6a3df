#include "gateway/api/denial.h"

#include "gateway/api/await.h"
#include "gateway/api/log_detail.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {

namespace {

// Clock and log tell their trouble once, for everyone who asks meanwhile.
bool is_told_already(ErrorCode code) {
    return code == ErrorCode::clock_unsure || code == ErrorCode::audit_unavailable ||
           code == ErrorCode::audit_stopped;
}

}  // namespace

asio::awaitable<Error> log_denial(audit::Log& log, Refused refused) {
    static auto& denials = counter("shikaku_denials_total", "Requests refused");
    static auto& unlogged = counter("shikaku_denials_unlogged_total",
                                    "Requests refused without an entry: the log takes none, or "
                                    "the clock is unsure");
    if (is_told_already(refused.error.code)) {
        unlogged.Increment();
        co_return refused.error;
    }
    if (refused.error.code == ErrorCode::internal) {
        log_error("request failed", refused.error);
        co_return refused.error;
    }
    denials.Increment();
    audit::EntryDraft draft{
        .kind = audit::Kind::denial,
        .detail = denial_detail(refused.caller, refused.request_id, refused.route, refused.error),
        .token = {}};
    const auto appended = co_await append(log, std::move(draft));
    if (appended) co_return refused.error;
    unlogged.Increment();
    co_return appended.error();
}

}  // namespace shikaku::api
