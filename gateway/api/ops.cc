#include "gateway/api/ops.h"

#include "gateway/api/problem.h"
#include "gateway/support/json.h"
#include "gateway/support/metrics.h"

namespace shikaku::api {
namespace {

http::Response status(bool ok, const std::vector<std::string>& not_ready) {
    http::Response response;
    response.status = ok ? 200 : 503;
    JsonWriter json(response.body);
    json.begin_object().field("status", ok ? "ok" : "not ready");
    if (!not_ready.empty()) {
        json.key("not_ready").begin_array();
        for (const std::string& part : not_ready)
            json.string(part);
        json.end_array();
    }
    json.end_object();
    return response;
}

}  // namespace

Result<http::BodyPlan> Ops::plan(const http::Request&) {
    return http::BodyPlan{};
}

boost::asio::awaitable<http::Response> Ops::serve(http::Request& request) {
    co_return answer(request);
}

boost::asio::awaitable<http::Response> Ops::refuse(Error error, const http::Request&) {
    co_return problem(error, "ops");
}

http::Response Ops::answer(const http::Request& request) const {
    if (request.method != http::Method::get && request.method != http::Method::head)
        return problem({ErrorCode::method_not_allowed, {}, {}}, "ops");
    if (request.path == "/livez") return status(true, {});
    if (request.path == "/readyz") {
        const auto missing = not_ready_();
        return status(missing.empty(), missing);
    }
    if (request.path == "/metrics") {
        http::Response response;
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        response.body = render_metrics();
        return response;
    }
    return problem({ErrorCode::not_found, {}, {}}, "ops");
}

}  // namespace shikaku::api
