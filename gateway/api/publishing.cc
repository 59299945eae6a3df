#include "gateway/api/publishing.h"

#include <fmt/format.h>

#include "gateway/api/media.h"
#include "gateway/api/problem.h"
#include "gateway/domain/answer_writer.h"
#include "gateway/registry/report_json.h"
#include "gateway/support/await.h"
#include "gateway/support/json.h"
#include "gateway/support/text.h"

namespace shikaku::api {
namespace {

using enum BlockingPool::Work;

http::Response json_response(int status, std::string body) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

struct AcceptedPack {
    std::string_view version;
    std::string_view entries_are;  // "schemes"
    std::size_t entries = 0;
    std::size_t examples_run = 0;
    std::uint64_t log_index = 0;
};
std::string pack_json(const AcceptedPack& pack) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("state", "active")
        .field("version", pack.version)
        .field(pack.entries_are, pack.entries)
        .field("examples_run", pack.examples_run)
        .key("evidence")
        .begin_object()
        .field("index", pack.log_index)
        .end_object()
        .end_object();
    return out;
}

std::string pack_problems_json(const std::vector<domain::PackProblem>& problems) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const domain::PackProblem& problem : problems) {
        json.begin_object().field("pointer", problem.pointer);
        domain::write_text(json, "message", problem.text);
        json.end_object();
    }
    json.end_array();
    return out;
}

Result<registry::BodyFormat> body_format(const http::Request& request) {
    if (has_content_type(request, "application/x-ndjson")) return registry::BodyFormat::ndjson;
    if (!has_content_type(request, "text/csv"))
        return fail(ErrorCode::unsupported_media_type,
                    "text/csv (charset=windows-31j or utf-8) or application/x-ndjson is expected");
    const std::string_view charset = content_type_parameter(request, "charset");
    for (const std::string_view name : {"windows-31j", "cp932", "shift_jis", "ms932"}) {
        if (iequals(charset, name)) return registry::BodyFormat::csv_cp932;
    }
    if (charset.empty() || iequals(charset, "utf-8")) return registry::BodyFormat::csv_utf8;
    return fail(ErrorCode::unsupported_media_type, "charset must be windows-31j or utf-8");
}

Result<registry::PublicationRequest> publication_request(const Context& context) {
    const http::Request& request = context.request;
    SHIKAKU_TRY_LET(const auto format, body_format(request));
    const auto mode = request.query_parameter("mode");
    if (!mode || (*mode != "full" && *mode != "delta"))
        return fail(ErrorCode::invalid_field, "mode must be full or delta", "?mode");
    const std::string dry_run = request.query_parameter("dry_run").value_or("false");
    if (dry_run != "true" && dry_run != "false")
        return fail(ErrorCode::invalid_field, "dry_run must be true or false", "?dry_run");
    const auto records = registry::parse_record_type(request.query_parameter("records").value_or(
        std::string(name(registry::RecordType::subsidies))));
    if (!records)
        return fail(ErrorCode::invalid_field, "records must be subsidies or checkups", "?records");
    const std::string_view key = request.header("Idempotency-Key");
    if (key.empty()) return fail(ErrorCode::idempotency_key_required);
    if (key.size() > 128 || !is_valid_utf8(key))
        return fail(ErrorCode::invalid_field, "Idempotency-Key: at most 128 characters");
    std::optional<domain::LinkageCheck> linkage;
    if (const auto text = request.header("X-Shikaku-Linkage-Check"); !text.empty()) {
        linkage = domain::LinkageCheck::parse(text);
        if (!linkage)
            return fail(ErrorCode::invalid_field,
                        "X-Shikaku-Linkage-Check is not 16 letters from a to p");
    }
    return registry::PublicationRequest{
        .authority = *context.caller.authority,
        .caller = context.caller.label(),
        .mode = *mode == "full" ? registry::Mode::full : registry::Mode::delta,
        .dry_run = dry_run == "true",
        .format = format,
        .idempotency_key = std::string(key),
        .linkage = linkage,
        .records = *records};
}

// Staged gigabytes of an upload that is cut are unlinked on a thread that may block.
class Staged {
  public:
    Staged(BlockingPool& pool, std::shared_ptr<registry::Publication> publication)
        : pool_(pool), publication_(std::move(publication)) {}
    ~Staged() { pool_.put_away(std::move(publication_)); }
    Staged(const Staged&) = delete;
    Staged& operator=(const Staged&) = delete;
    [[nodiscard]] const std::shared_ptr<registry::Publication>& publication() const {
        return publication_;
    }

  private:
    BlockingPool& pool_;
    std::shared_ptr<registry::Publication> publication_;
};

http::Response report_response(int status, const registry::PublicationReport& report) {
    return json_response(status, registry::report_json(report));
}

}  // namespace

HandlerResult Publishing::put_schemes(Context& context) {
    if (!has_content_type(context.request, "application/json"))
        co_return fail(ErrorCode::unsupported_media_type, "application/json is expected");
    SHIKAKU_CO_TRY_LET(
        auto outcome,
        co_await run_blocking(pool_, context.caller.label(), upload,
                              [this, authority = *context.caller.authority,
                               &body = context.request.body, caller = context.caller.label()] {
                                  return registry_.put_schemes(authority, body, caller);
                              }));
    if (!outcome.result.pack)
        co_return co_await refuse_pack(context, kSchemesRoute, outcome.result.problems);
    co_return json_response(200, pack_json({.version = outcome.version,
                                            .entries_are = "schemes",
                                            .entries = outcome.result.pack->schemes.size(),
                                            .examples_run = outcome.result.examples_run,
                                            .log_index = outcome.log_index}));
}

HandlerResult Publishing::put_checkup_pack(Context& context) {
    if (!has_content_type(context.request, "application/json"))
        co_return fail(ErrorCode::unsupported_media_type, "application/json is expected");
    const registry::RecordSet set{.records = registry::RecordType::checkups,
                                  .authority = *context.caller.authority};
    SHIKAKU_CO_TRY_LET(const auto outcome,
                       co_await run_blocking(pool_, context.caller.label(), upload,
                                             [this, set, &body = context.request.body,
                                              caller = context.caller.label()] {
                                                 return registry_.put_pack(set, body, caller);
                                             }));
    if (!outcome.read.pack)
        co_return co_await refuse_pack(context, kCheckupPackRoute, outcome.read.problems);
    co_return json_response(200, pack_json({.version = outcome.version,
                                            .entries_are = outcome.read.entries_are,
                                            .entries = outcome.read.entries,
                                            .examples_run = outcome.read.examples_run,
                                            .log_index = outcome.log_index}));
}

// Logged as every refusal is; what is wrong with the pack is told to its sender alone.
HandlerResult Publishing::refuse_pack(Context& context, std::string_view route,
                                      const std::vector<domain::PackProblem>& problems) {
    const Error refused = co_await denials_.refuse(
        {.caller = context.caller.label(),
         .request_id = context.request_id,
         .route = std::string(route),
         .error = {
             .code = ErrorCode::unprocessable,
             .detail = fmt::format("the scheme pack is refused; problems: {}", problems.size())}});
    if (refused.code != ErrorCode::unprocessable) co_return fail(refused);
    co_return problem(refused, context.request_id, pack_problems_json(problems));
}

HandlerResult Publishing::pack_text(Context& context, registry::RecordType records) {
    const auto authority = domain::AuthorityCode::parse(context.path["authority"]);
    if (!authority) co_return fail(ErrorCode::not_found, "<authority code>/<version> is expected");
    SHIKAKU_CO_TRY_LET(
        auto text,
        co_await run_blocking(
            pool_, context.caller.label(), reading,
            [this, set = registry::RecordSet{.records = records, .authority = *authority},
             version = std::string(context.path["version"])] {
                return registry_.packs().text(set, version);
            }));
    co_return json_response(200, std::move(text));
}

HandlerResult Publishing::get_schemes(Context& context) {
    return pack_text(context, registry::RecordType::subsidies);
}

HandlerResult Publishing::get_checkup_pack(Context& context) {
    return pack_text(context, registry::RecordType::checkups);
}

HandlerResult Publishing::publish(Context& context) {
    SHIKAKU_CO_TRY_LET(auto request, publication_request(context));
    if (domain::differ(request.linkage, trust_()->linkage))
        co_return fail(ErrorCode::unprocessable,
                       "the link keys were made with another linkage secret than this gateway's");
    const std::string caller = context.caller.label();
    SHIKAKU_CO_TRY_LET(
        auto begun,
        co_await run_blocking(pool_, caller, upload, [this, wanted = std::move(request)]() mutable {
            return registry_.begin(std::move(wanted));
        }));
    const Staged staged(pool_, std::move(begun));

    while (true) {
        SHIKAKU_CO_TRY_LET(auto chunk, co_await context.request.stream->next());
        if (trust_()->withdrawn.contains(caller))
            co_return fail(ErrorCode::institution_withdrawn, "withdrawn by configuration");
        if (chunk.empty()) break;
        SHIKAKU_CO_TRY(co_await run_blocking(
            pool_, caller, upload, [publication = staged.publication(), bytes = std::move(chunk)] {
                return publication->feed(bytes);
            }));
    }
    SHIKAKU_CO_TRY_LET(
        const auto report,
        co_await run_blocking(pool_, caller, upload, [publication = staged.publication()] {
            return publication->finish();
        }));
    http::Response response = report_response(202, report);
    response.headers.push_back({"Location", "/v1/publications/" + report.id});
    co_return response;
}

HandlerResult Publishing::report(Context& context) {
    SHIKAKU_CO_TRY_LET(const auto report,
                       co_await run_blocking(pool_, context.caller.label(), reading,
                                             [this, authority = *context.caller.authority,
                                              id = std::string(context.path["id"])] {
                                                 return registry_.report(authority, id);
                                             }));
    co_return report_response(200, report);
}

HandlerResult Publishing::errors_csv(Context& context) {
    SHIKAKU_CO_TRY_LET(auto csv, co_await run_blocking(pool_, context.caller.label(), reading,
                                                       [this, authority = *context.caller.authority,
                                                        id = std::string(context.path["id"])] {
                                                           return registry_.errors_csv(authority,
                                                                                       id);
                                                       }));
    http::Response response;
    response.content_type = "text/csv; charset=utf-8";
    response.body = std::move(csv);
    co_return response;
}

HandlerResult Publishing::change(Context& context, Step step) {
    SHIKAKU_CO_TRY_LET(const auto body, parse_json(context.request.body));
    const auto reason = body.is_object() ? body.find("reason") : body.end();
    if (!body.is_object() || reason == body.end() || !reason->is_string() ||
        reason->get_ref<const std::string&>().empty() ||
        reason->get_ref<const std::string&>().size() > bounds::kReasonBytes)
        co_return fail(ErrorCode::invalid_field, "a reason of 1 to 1000 bytes is required",
                       "/reason");
    SHIKAKU_CO_TRY_LET(const auto report,
                       co_await run_blocking(
                           pool_, context.caller.label(), BlockingPool::Work::change,
                           [this, step, authority = *context.caller.authority,
                            id = std::string(context.path["id"]), why = reason->get<std::string>(),
                            caller = context.caller.label()]() mutable {
                               return (registry_.*step)(authority, id, std::move(why), caller);
                           }));
    co_return report_response(200, report);
}

HandlerResult Publishing::release(Context& context) {
    return change(context, &registry::Registry::release);
}

HandlerResult Publishing::rollback(Context& context) {
    return change(context, &registry::Registry::rollback);
}

}  // namespace shikaku::api
