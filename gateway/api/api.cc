#include "gateway/api/api.h"

#include "gateway/api/openapi.h"

namespace shikaku::api {

Api::Api(const Parts& parts)
    : desk_(parts.desk),
      eligibility_(desk_, parts.desk.log, parts.desk.clock, parts.trust),
      publishing_(parts.desk.registry, parts.pool, parts.trust),
      log_files_(parts.desk.log),
      directory_(parts.desk.registry, parts.desk.sources, parts.since),
      service_({.log = parts.desk.log, .clock = parts.desk.clock, .trust = parts.trust},
               Routes(routes(this))) {}

std::vector<Route> Api::routes(Api* api) {
    using enum http::Method;
    constexpr http::BodyPlan kNone{.bytes_max = 0, .stream = false};
    constexpr http::BodyPlan kSmall{.bytes_max = bounds::kApiBodyBytes, .stream = false};
    constexpr http::BodyPlan kBatch{.bytes_max = bounds::kBatchBodyBytes, .stream = false};
    constexpr http::BodyPlan kPack{.bytes_max = bounds::kSchemePackBytes, .stream = false};
    constexpr http::BodyPlan kUpload{.bytes_max = bounds::kPublicationBodyBytes, .stream = true};
    return {
        {post, "/v1/eligibility", kInstitution, kSmall,
         [api](Context& c) { return api->eligibility_.ask(c); }},
        {post, Eligibility::kBatchRoute, kInstitution, kBatch,
         [api](Context& c) { return api->eligibility_.ask_many(c); }},
        {get, "/v1/authorities", kAnyone, kNone,
         [api](Context& c) { return api->directory_.list(c); }},
        {get, "/v1/receipts/{index}", kInstitution | kAuthority | kAuditor, kNone,
         [api](Context& c) { return api->log_files_.receipt(c); }},

        {put, "/v1/schemes", kAuthority, kPack,
         [api](Context& c) { return api->publishing_.put_schemes(c); }},
        {get, "/v1/schemes/{path...}", kAnyone, kNone,
         [api](Context& c) { return api->publishing_.get_schemes(c); }},
        {post, "/v1/publications", kAuthority, kUpload,
         [api](Context& c) { return api->publishing_.publish(c); }},
        {get, "/v1/publications/{id}", kAuthority, kNone,
         [api](Context& c) { return api->publishing_.report(c); }},
        {get, "/v1/publications/{id}/errors.csv", kAuthority, kNone,
         [api](Context& c) { return api->publishing_.errors_csv(c); }},
        {post, "/v1/publications/{id}/release", kAuthority, kSmall,
         [api](Context& c) { return api->publishing_.release(c); }},
        {post, "/v1/publications/{id}/rollback", kAuthority, kSmall,
         [api](Context& c) { return api->publishing_.rollback(c); }},

        {get, "/log/checkpoint", kAnyone, kNone,
         [api](Context& c) { return api->log_files_.checkpoint(c); }},
        {get, "/log/tile/{path...}", kAnyone, kNone,
         [api](Context& c) { return api->log_files_.tile(c); }},
        {get, "/openapi.json", kAnyone, kNone, [](Context&) { return describe_api(); }},
    };
}

}  // namespace shikaku::api
