#include "gateway/api/api.h"

#include "gateway/api/openapi.h"

namespace shikaku::api {

Api::Api(const Parts& parts)
    : inquiry_(parts.inquiry),
      checkup_inquiry_({.keys = parts.inquiry.keys,
                        .log = parts.inquiry.log,
                        .registry = parts.inquiry.registry,
                        .sources = parts.inquiry.sources,
                        .replay_guard = parts.inquiry.replay_guard,
                        .clock = parts.inquiry.clock,
                        .forgeries = parts.inquiry.forgeries}),
      eligibility_({.inquiry = inquiry_,
                    .limits = parts.limits,
                    .denials = parts.denials,
                    .clock = parts.inquiry.clock,
                    .trust = parts.trust,
                    .log_origin = parts.log_origin}),
      checkups_({.inquiry = checkup_inquiry_,
                 .limits = parts.limits,
                 .trust = parts.trust,
                 .log_origin = parts.log_origin}),
      publishing_(parts.inquiry.registry, parts.denials, parts.pool, parts.trust),
      log_files_(parts.inquiry.log),
      directory_(parts.inquiry.registry, parts.inquiry.sources, parts.since),
      service_({.denials = parts.denials,
                .clock = parts.inquiry.clock,
                .trust = parts.trust,
                .limits = parts.limits},
               Routes(routes(this))) {}

std::vector<Route> Api::routes(Api* api) {
    using enum http::Method;
    constexpr http::BodyPlan kNone{.bytes_max = 0, .stream = false};
    constexpr http::BodyPlan kSmall{.bytes_max = bounds::kApiBodyBytes, .stream = false};
    constexpr http::BodyPlan kBatch{.bytes_max = bounds::kBatchBodyBytes, .stream = false};
    constexpr http::BodyPlan kPack{.bytes_max = bounds::kSchemePackBytes, .stream = false};
    constexpr http::BodyPlan kUpload{.bytes_max = bounds::kPublicationBodyBytes, .stream = true};
    constexpr unsigned kByQuestion = 0;
    constexpr unsigned kOne = 1;
    constexpr bool kChanges = true;
    return {
        {post, "/v1/eligibility", kInstitution, kSmall,
         [api](Context& c) { return api->eligibility_.ask(c); }, kByQuestion},
        {post, Eligibility::kBatchRoute, kInstitution, kBatch,
         [api](Context& c) { return api->eligibility_.ask_many(c); }, kByQuestion},
        {post, "/v1/checkups", kInstitution, kSmall,
         [api](Context& c) { return api->checkups_.ask(c); }, kByQuestion},
        {get, "/v1/authorities", kAnyone, kNone,
         [api](Context& c) { return api->directory_.list(c); }},
        {get, "/v1/receipts/{index}", kInstitution | kAuthority | kAuditor, kNone,
         [api](Context& c) { return api->log_files_.receipt(c); }},

        {put, Publishing::kSchemesRoute, kAuthority, kPack,
         [api](Context& c) { return api->publishing_.put_schemes(c); }, kUploadCost},
        {get, "/v1/schemes/{authority}/{version}", kAnyone, kNone,
         [api](Context& c) { return api->publishing_.get_schemes(c); }},
        {put, Publishing::kCheckupPackRoute, kAuthority, kPack,
         [api](Context& c) { return api->publishing_.put_checkup_pack(c); }, kUploadCost},
        {get, "/v1/checkup-packs/{authority}/{version}", kAnyone, kNone,
         [api](Context& c) { return api->publishing_.get_checkup_pack(c); }},
        {post, "/v1/publications", kAuthority, kUpload,
         [api](Context& c) { return api->publishing_.publish(c); }, kUploadCost},
        {get, "/v1/publications/{id}", kAuthority, kNone,
         [api](Context& c) { return api->publishing_.report(c); }},
        {get, "/v1/publications/{id}/errors.csv", kAuthority, kNone,
         [api](Context& c) { return api->publishing_.errors_csv(c); }},
        {post, "/v1/publications/{id}/release", kAuthority, kSmall,
         [api](Context& c) { return api->publishing_.release(c); }, kOne, kChanges},
        {post, "/v1/publications/{id}/rollback", kAuthority, kSmall,
         [api](Context& c) { return api->publishing_.rollback(c); }, kOne, kChanges},

        {get, "/log/checkpoint", kAnyone, kNone,
         [api](Context& c) { return api->log_files_.checkpoint(c); }},
        {get, "/log/tile/{level}/{n}", kAnyone, kNone,
         [api](Context& c) { return api->log_files_.tile(c); }, kOne, !kChanges, Tail::all_parts},
        {get, "/openapi.json", kAnyone, kNone, [](Context&) { return describe_api(); }},
    };
}

}  // namespace shikaku::api
