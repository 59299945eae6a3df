#include "gateway/api/log_files.h"

#include <charconv>

#include "gateway/api/problem.h"
#include "gateway/audit/await.h"
#include "gateway/audit/event_entry.h"
#include "gateway/audit/tile_path.h"
#include "gateway/inquiry/share.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {
namespace {

http::Response log_file(std::string body, std::string content_type, std::string cache_control) {
    http::Response response;
    response.content_type = std::move(content_type);
    response.headers.push_back({"Cache-Control", std::move(cache_control)});
    response.body = std::move(body);
    return response;
}

Result<std::uint64_t> parse_index(std::string_view text) {
    std::uint64_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc() || end != text.data() + text.size() ||
        (text.size() > 1 && text.front() == '0'))
        return fail(ErrorCode::not_found, "the index of a log entry is a number");
    return index;
}

Result<Bytes> tile_bytes(const audit::Log& log, const PathParameters& parameters) {
    std::string name = "tile/";
    name += parameters["level"];
    name += '/';
    name += parameters["n"];
    const auto path = audit::parse_tile_path(name);
    if (!path) return fail(ErrorCode::not_found, "not the path of a tile");
    return path->entries ? log.entry_bundle(path->n, path->width)
                         : log.tile(path->level, path->n, path->width);
}

// Whoever mirrors the log asks for tiles before they are there: a 404 that is no denial, and no
// entry, or following the log would make it grow.
http::Response not_there(const Error& error, const std::string& request_id) {
    static auto& misses =
        counter("shikaku_log_tile_misses_total", "Tiles asked for that the log does not have");
    misses.Increment();
    return problem(error, request_id);
}

}  // namespace

HandlerResult LogFiles::checkpoint(Context&) {
    co_return log_file(log_.checkpoint().text, "text/plain; charset=utf-8", "max-age=1");
}

HandlerResult LogFiles::tile(Context& context) {
    auto bytes = tile_bytes(log_, context.path);
    if (!bytes && bytes.error().code == ErrorCode::not_found)
        co_return not_there(bytes.error(), context.request_id);
    if (!bytes) co_return fail(bytes.error());
    co_return log_file(std::string(as_text(*bytes)), "application/octet-stream",
                       "max-age=31536000, immutable");
}

asio::awaitable<Status> LogFiles::trace_auditor(const Context& context, std::uint64_t index) {
    if (context.caller.role != identity::Role::auditor) co_return Status();
    audit::EntryDraft draft{
        .kind = audit::Kind::audit_search,
        .detail = audit::opened_detail(context.caller.label(), context.request_id, index),
        .token = {}};
    SHIKAKU_CO_TRY(co_await audit::append(log_, std::move(draft)));
    co_return Status();
}

HandlerResult LogFiles::receipt(Context& context) {
    SHIKAKU_CO_TRY_LET(const auto index, parse_index(context.path["index"]));
    SHIKAKU_CO_TRY(co_await audit::covered(log_, index));
    SHIKAKU_CO_TRY_LET(const auto entry, log_.open_entry(index));
    SHIKAKU_CO_TRY_LET(const auto share, inquiry::share_of(context.caller, entry));
    SHIKAKU_CO_TRY(co_await trace_auditor(context, index));
    SHIKAKU_CO_TRY_LET(auto receipt, log_.receipt(index, share));
    co_return log_file(std::move(receipt), "text/plain; charset=utf-8", "no-store");
}

}  // namespace shikaku::api
