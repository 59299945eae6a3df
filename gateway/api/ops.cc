#include "gateway/api/ops.h"

#include "gateway/api/problem.h"
#include "gateway/support/bounds.h"
#include "gateway/support/json.h"
#include "gateway/support/log.h"
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

Result<http::BodyPlan> Ops::plan(http::Request&) {
    return http::BodyPlan{};
}

boost::asio::awaitable<http::Response> Ops::serve(http::Request& request) {
    co_return answer(request);
}

boost::asio::awaitable<http::Response> Ops::refuse(Error error, http::Request&) {
    co_return refused(error);
}

http::Response Ops::answer(const http::Request& request) const {
    if (request.method != http::Method::get && request.method != http::Method::head)
        return refused({ErrorCode::method_not_allowed, {}, {}});
    if (request.path == "/livez") return status(true, {});
    if (request.path == "/readyz") {
        const auto missing = not_ready_();
        return status(missing.empty(), missing);
    }
    if (request.path == "/metrics") {
        measure_();
        http::Response response;
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        response.body = render_metrics();
        return response;
    }
    return refused({ErrorCode::not_found, {}, {}});
}

// A burst is one line; what came since is counted in the next.
http::Response Ops::refused(const Error& error) const {
    const std::string code(info(error.code).name);
    counter("shikaku_ops_refused_total",
            "Requests at the ops port that were refused, by error code", {{"code", code}})
        .Increment();
    ++since_told_;
    const auto now = std::chrono::steady_clock::now();
    auto told = told_.load();
    const bool due = told == decltype(told){} || now - told >= bounds::kRefusalsToldEvery;
    if (due && told_.compare_exchange_strong(told, now))
        log_warn("ops port: requests refused",
                 {{"last_code", code}, {"times", since_told_.exchange(0)}});
    return problem(error, "ops");
}

}  // namespace shikaku::api
