#include "gateway/api/log_files.h"

#include <charconv>

#include "gateway/api/await.h"
#include "gateway/api/log_detail.h"
#include "gateway/api/problem.h"
#include "gateway/audit/tile_path.h"
#include "gateway/domain/explain.h"
#include "gateway/support/json.h"
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

// Who may see an entry: the caller named in it, auditors, and an authority that was asked.
bool concerns(const identity::Caller& caller, std::string_view detail) {
    if (caller.role == identity::Role::auditor) return true;
    const auto json = parse_json(detail);
    if (!json || !json->is_object()) return false;
    if (json->value("caller", std::string()) == caller.label()) return true;
    if (caller.role != identity::Role::authority) return false;
    const auto asked = json->find("authorities");
    if (asked == json->end() || !asked->is_array()) return false;
    for (const Json& code : *asked) {
        if (code == std::string(caller.authority->text())) return true;
    }
    return false;
}

// 不開示: the case of such an answer says where the person lives.
bool holds_undisclosed(std::string_view detail) {
    const auto logged = read_eligibility_detail(detail);
    return !logged || domain::is_not_disclosed(logged->facts);
}

Result<std::uint64_t> parse_index(std::string_view text) {
    std::uint64_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc() || end != text.data() + text.size() ||
        (text.size() > 1 && text.front() == '0'))
        return fail(ErrorCode::not_found, "the index of a log entry is a number");
    return index;
}

Result<Bytes> tile_bytes(const audit::Log& log, const std::string& name) {
    const auto path = audit::parse_tile_path("tile/" + name);
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
    auto bytes = tile_bytes(log_, context.parameter);
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
        .detail = opened_detail(context.caller.label(), context.request_id, index),
        .token = {}};
    const auto appended = co_await append(log_, std::move(draft));
    if (!appended) co_return fail(appended.error());
    co_return Status();
}

HandlerResult LogFiles::receipt(Context& context) {
    const auto index = parse_index(context.parameter);
    if (!index) co_return fail(index.error());
    if (const auto ready = co_await covered(log_, *index); !ready) co_return fail(ready.error());
    const auto entry = log_.open_entry(*index);
    if (!entry) co_return fail(entry.error());
    if (!concerns(context.caller, entry->detail)) co_return fail(ErrorCode::not_your_data);
    if (const auto traced = co_await trace_auditor(context, *index); !traced)
        co_return fail(traced.error());
    const bool withheld = context.caller.role != identity::Role::auditor &&
                          entry->leaf.kind == audit::Kind::eligibility &&
                          holds_undisclosed(entry->detail);
    using Opening = audit::Log::Opening;
    auto receipt = log_.receipt(*index, withheld ? Opening::withheld : Opening::given);
    if (!receipt) co_return fail(receipt.error());
    co_return log_file(std::move(*receipt), "text/plain; charset=utf-8", "no-store");
}

}  // namespace shikaku::api
