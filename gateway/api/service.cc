#include "gateway/api/service.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "gateway/api/denial.h"
#include "gateway/api/media.h"
#include "gateway/api/problem.h"
#include "gateway/api/trace_context.h"
#include "gateway/domain/numbers.h"
#include "gateway/support/id.h"
#include "gateway/support/metrics.h"

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
    if (auto trace = traceparent_of(request))
        response.headers.push_back({"traceparent", *std::move(trace)});
}

std::string allow_header(const std::vector<http::Method>& methods) {
    std::string out;
    for (const http::Method method : methods) {
        if (!out.empty()) out += ", ";
        out += http::name(method);
    }
    return out;
}

// draft-ietf-httpapi-ratelimit-headers-10. The policy is named after the role it is for.
void tell_rate(Client client, const Allowance& rate, http::Response& response) {
    if (rate.quota == 0) return;
    std::string name;
    name += '"';
    name += identity::name(client.role);
    if (rate.of_changes) name += "-changes";
    name += '"';
    std::string policy = name;
    policy += ";q=";
    policy += std::to_string(rate.quota);
    policy += ";w=";
    policy += std::to_string(rate.window.count());
    std::string state = std::move(name);
    state += ";r=";
    state += std::to_string(rate.left);
    state += ";t=";
    state += std::to_string(rate.whole_after.count());
    response.headers.push_back({"RateLimit-Policy", std::move(policy)});
    response.headers.push_back({"RateLimit", std::move(state)});
}

}  // namespace

Result<identity::Caller> Service::identify(const http::Request& request) const {
    if (request.peer == nullptr)
        return fail(ErrorCode::client_certificate_required, "no client certificate");
    return identity::identify(*request.peer, parts_.trust()->withdrawn);
}

Result<Service::Admitted> Service::admit(const http::Request& request) const {
    SHIKAKU_TRY_LET(auto caller, identify(request));
    Match match = routes_.match(request.method, request.path);
    if (match.route == nullptr) {
        if (match.allowed.empty()) return fail(ErrorCode::not_found);
        return fail(ErrorCode::method_not_allowed, "allowed here: " + allow_header(match.allowed));
    }
    if ((match.route->roles & who(caller.role)) == 0)
        return fail(ErrorCode::role_not_allowed,
                    "the role " + std::string(identity::name(caller.role)) + " may not do this");
    if (is_encoded(request))
        return fail(ErrorCode::unsupported_media_type,
                    "no Content-Encoding is read here; send the body as it is");
    if (request.refused)
        return fail(ErrorCode::overloaded, "the configuration has changed; send it again");
    return Admitted{match.route, match.parameters, std::move(caller)};
}

Result<http::BodyPlan> Service::plan(const http::Request& head) {
    // Refusals are worded and logged in serve(); a small body is read first so that the connection
    // can go on.
    const auto admitted = admit(head);
    if (!admitted) return http::BodyPlan{.bytes_max = bounds::kApiBodyBytes, .refused = true};
    return admitted->route->body;
}

asio::awaitable<http::Response> Service::serve(http::Request& request) {
    const Instant received = parts_.clock.now();
    const std::string request_id = request_id_of(request, received);
    Result<http::Response> outcome;
    auto admitted = admit(request);
    const Client client = admitted ? client_of(admitted->caller) : sender(request);
    const unsigned cost = admitted ? admitted->route->cost : 1;
    Allowance rate;
    const auto now = std::chrono::steady_clock::now();
    if (admitted && admitted->route->changes)
        rate = parts_.limits.take_change(client, now);
    else if (cost > 0)
        rate = parts_.limits.take(client, cost, now);
    bool emergency_is_walk_in = false;
    if (!rate.allowed) {
        outcome = fail(too_many_requests(client, rate));
    } else if (admitted) {
        Context context{.request = request,
                        .caller = std::move(admitted->caller),
                        .path = admitted->parameters,
                        .request_id = request_id,
                        .received = received,
                        .rate = rate};
        outcome = co_await admitted->route->handler(context);
        rate = context.rate;
        emergency_is_walk_in = context.emergency_is_walk_in;
    } else {
        outcome = fail(admitted.error());
    }
    http::Response response;
    if (outcome) {
        response = std::move(*outcome);
    } else {
        response = co_await refuse_logged(request, request_id, outcome.error());
        co_await hold_back(request, client, outcome.error().code);
    }
    echo_correlation(request, request_id, response);
    tell_rate(client, rate, response);
    if (emergency_is_walk_in) response.headers.push_back({"X-Shikaku-Priority", "walk_in"});
    co_return response;
}

// A certificate that is nobody's, or of whom access was withdrawn, may not send more than others.
Client Service::sender(const http::Request& request) const {
    constexpr std::uint64_t kNobody = 0xFULL << 60;
    if (const auto caller = identify(request)) return client_of(*caller);
    Client client;
    if (request.peer == nullptr) return {.key = kNobody};
    std::memcpy(&client.key, request.peer->sha256.data(), sizeof client.key);
    client.key |= kNobody;
    return client;
}

// Who is sent away and comes back at once, on as many connections as he may open, would cost more
// than those who are answered: reading a request and refusing it takes a fifth of answering it. His
// answers are held back, and a connection carries one request at a time.
asio::awaitable<void> Service::hold_back(http::Request& request, Client client, ErrorCode code) {
    if (code != ErrorCode::rate_limited && code != ErrorCode::overloaded) co_return;
    if (parts_.limits.take_prompt_refusal(client, std::chrono::steady_clock::now())) co_return;
    static auto& held = gauge("shikaku_refusals_held", "Refusals (429, 503) held back now");
    std::string().swap(request.body);
    asio::steady_timer timer(co_await asio::this_coro::executor, held_back_jittered());
    held.Increment();
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    held.Decrement();
}

std::string Service::who_asks(const http::Request& request) const {
    if (request.peer == nullptr) return "nobody";
    const auto caller = identity::identify(*request.peer, {});
    return caller ? caller->label() : "certificate:" + to_hex(request.peer->sha256);
}

asio::awaitable<http::Response> Service::refuse_logged(const http::Request& request,
                                                       const std::string& request_id, Error error) {
    const Match match = routes_.match(request.method, request.path);
    error = co_await parts_.denials.refuse(
        {.caller = who_asks(request),
         .request_id = request_id,
         .route = std::string(match.route ? match.route->pattern : "-"),
         .error = std::move(error)});
    http::Response response = problem(error, request_id);
    if (error.code == ErrorCode::method_not_allowed)
        response.headers.push_back({"Allow", allow_header(match.allowed)});
    if (error.code == ErrorCode::unsupported_media_type)
        response.headers.push_back({"Accept-Encoding", "identity"});
    co_return response;
}

asio::awaitable<http::Response> Service::refuse(Error error, const http::Request& head) {
    const std::string request_id = request_id_of(head, parts_.clock.now());
    const Client client = sender(head);
    const Allowance rate = parts_.limits.take(client, 1, std::chrono::steady_clock::now());
    if (!rate.allowed) error = too_many_requests(client, rate);
    http::Response response = co_await refuse_logged(head, request_id, std::move(error));
    echo_correlation(head, request_id, response);
    tell_rate(client, rate, response);
    co_return response;
}

}  // namespace shikaku::api
