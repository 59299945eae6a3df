#include "gateway/api/service.h"

#include <algorithm>

#include "gateway/api/denial.h"
#include "gateway/api/problem.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/id.h"

namespace shikaku::api {
namespace {

bool is_harmless(std::string_view id) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, allowed) &&
           !domain::contains_personal_number(id);
}

// The client's X-Request-ID, unless it could carry something that must not reach a log.
std::string request_id_of(const http::Request& request, Instant now) {
    const std::string_view given = request.header("X-Request-ID");
    return is_harmless(given) ? std::string(given) : make_ulid(now);
}

void echo_correlation(const http::Request& request, const std::string& request_id,
                      http::Response& response) {
    response.headers.push_back({"X-Request-ID", request_id});
    if (const auto trace = request.header("traceparent"); is_harmless(trace))
        response.headers.push_back({"traceparent", std::string(trace)});
}

std::string allow_header(const std::vector<http::Method>& methods) {
    std::string out;
    for (const http::Method method : methods) {
        if (!out.empty()) out += ", ";
        out += http::name(method);
    }
    return out;
}

}  // namespace

Result<Service::Admitted> Service::admit(const http::Request& request) const {
    if (request.peer == nullptr)
        return fail(ErrorCode::client_certificate_required, "no client certificate");
    auto caller = identity::identify(*request.peer, parts_.trust()->withdrawn);
    if (!caller) return fail(caller.error());
    Match match = routes_.match(request.method, request.path);
    if (match.route == nullptr) {
        if (match.allowed.empty()) return fail(ErrorCode::not_found);
        return fail(ErrorCode::method_not_allowed, "allowed here: " + allow_header(match.allowed));
    }
    if ((match.route->roles & who(caller->role)) == 0)
        return fail(ErrorCode::role_not_allowed,
                    "the role " + std::string(identity::name(caller->role)) + " may not do this");
    return Admitted{match.route, std::move(match.parameter), std::move(*caller)};
}

Result<http::BodyPlan> Service::plan(const http::Request& head) {
    // Refusals are worded and logged in serve(); a small body is read first so that the connection
    // can go on.
    const auto admitted = admit(head);
    if (!admitted) return http::BodyPlan{.bytes_max = bounds::kApiBodyBytes, .stream = false};
    return admitted->route->body;
}

asio::awaitable<http::Response> Service::serve(http::Request& request) {
    const Instant received = parts_.clock.now();
    const std::string request_id = request_id_of(request, received);
    Result<http::Response> outcome;
    auto admitted = admit(request);
    if (admitted) {
        Context context{request, std::move(admitted->caller), std::move(admitted->parameter),
                        request_id, received};
        outcome = co_await admitted->route->handler(context);
    } else {
        outcome = fail(admitted.error());
    }
    http::Response response;
    if (outcome) {
        response = std::move(*outcome);
    } else {
        response = co_await refuse_logged(request, request_id, outcome.error());
    }
    echo_correlation(request, request_id, response);
    co_return response;
}

std::string Service::who_asks(const http::Request& request) const {
    if (request.peer == nullptr) return "nobody";
    const auto caller = identity::identify(*request.peer, {});
    return caller ? caller->label() : "certificate:" + to_hex(request.peer->sha256);
}

asio::awaitable<http::Response> Service::refuse_logged(const http::Request& request,
                                                       const std::string& request_id, Error error) {
    const Match match = routes_.match(request.method, request.path);
    error = co_await log_denial(parts_.log,
                                {.caller = who_asks(request),
                                 .request_id = request_id,
                                 .route = std::string(match.route ? match.route->pattern : "-"),
                                 .error = std::move(error)});
    http::Response response = problem(error, request_id);
    if (error.code == ErrorCode::method_not_allowed)
        response.headers.push_back({"Allow", allow_header(match.allowed)});
    co_return response;
}

asio::awaitable<http::Response> Service::refuse(Error error, const http::Request& head) {
    const std::string request_id = request_id_of(head, parts_.clock.now());
    http::Response response = co_await refuse_logged(head, request_id, std::move(error));
    echo_correlation(head, request_id, response);
    co_return response;
}

}  // namespace shikaku::api
