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

Result<identity::Caller> identify(const http::Request& request, const inquiry::Trust& trust) {
    if (request.peer == nullptr)
        return fail(ErrorCode::client_certificate_required, "no client certificate");
    return identity::identify(*request.peer, trust.withdrawn);
}

// Of whom access was withdrawn is the same client still, whatever certificates it has; one that is
// nobody's may not send more than others.
Client refused_client(const http::Request& request) {
    constexpr std::uint64_t kNobody = 0xFULL << 60;
    Client client{.key = kNobody};
    if (request.peer == nullptr) return client;
    if (const auto caller = identity::identify(*request.peer, {})) return client_of(*caller);
    std::memcpy(&client.key, request.peer->sha256.data(), sizeof client.key);
    client.key |= kNobody;
    return client;
}

std::string label_of(const crypto::Certificate& certificate) {
    return "certificate:" + to_hex(certificate.sha256);
}

// As the log names the asker, also one of whom access was withdrawn.
std::string who_is(const crypto::Certificate* peer) {
    if (peer == nullptr) return "nobody";
    const auto caller = identity::identify(*peer, {});
    return caller ? caller->label() : label_of(*peer);
}

Status may(const http::Request& request, const Result<identity::Caller>& caller,
           const Match& match) {
    if (!caller) return fail(caller.error());
    if (match.route == nullptr) {
        if (match.allowed.empty()) return fail(ErrorCode::not_found);
        return fail(ErrorCode::method_not_allowed, "allowed here: " + allow_header(match.allowed));
    }
    if ((match.route->roles & who(caller->role)) == 0)
        return fail(ErrorCode::role_not_allowed,
                    "the role " + std::string(identity::name(caller->role)) + " may not do this");
    if (is_encoded(request))
        return fail(ErrorCode::unsupported_media_type,
                    "no Content-Encoding is read here; send the body as it is");
    if (request.refused)
        return fail(ErrorCode::overloaded, "the configuration has changed; send it again");
    return {};
}

}  // namespace

// The head of a request, looked at once; the parts of the path in `match` are the request's.
struct Service::Admitted final : http::Admission {
    std::shared_ptr<const inquiry::Trust> trust;  // who was believed then
    Match match;
    Result<identity::Caller> caller = fail(ErrorCode::internal);
    Client client;  // whose allowance is taken
    Status allowed = fail(ErrorCode::internal);
};

std::unique_ptr<Service::Admitted> Service::admit(const http::Request& request) const {
    auto admitted = std::make_unique<Admitted>();
    admitted->trust = parts_.trust();
    admitted->match = routes_.match(request.method, request.path);
    admitted->caller = identify(request, *admitted->trust);
    admitted->client = admitted->caller ? client_of(*admitted->caller) : refused_client(request);
    admitted->allowed = may(request, admitted->caller, admitted->match);
    return admitted;
}

// Looked at again only where who is believed has changed while the body came.
const Service::Admitted& Service::admitted(http::Request& request) const {
    const auto* before = static_cast<const Admitted*>(request.admission.get());
    if (before != nullptr && before->trust == parts_.trust()) return *before;
    auto now = admit(request);
    const Admitted& out = *now;
    request.admission = std::move(now);
    return out;
}

Result<http::BodyPlan> Service::plan(http::Request& head) {
    // Refusals are worded and logged in serve(); a small body is read first so that the connection
    // can go on. Of who may ask nothing at all no body is read.
    auto admitted = admit(head);
    http::BodyPlan body{.bytes_max = admitted->caller ? bounds::kApiBodyBytes : 0, .refused = true};
    if (admitted->allowed) body = admitted->match.route->body;
    head.admission = std::move(admitted);
    return body;
}

asio::awaitable<http::Response> Service::serve(http::Request& request) {
    const Instant received = parts_.clock.now();
    const std::string request_id = request_id_of(request, received);
    Result<http::Response> outcome;
    const Admitted& admitted = this->admitted(request);
    const Client client = admitted.client;
    const Route* route = admitted.allowed ? admitted.match.route : nullptr;
    const unsigned cost = route ? route->cost : 1;
    Allowance rate;
    const auto now = std::chrono::steady_clock::now();
    if (route && route->changes)
        rate = parts_.limits.take_change(client, now);
    else if (cost > 0)
        rate = parts_.limits.take(client, cost, now);
    bool emergency_is_walk_in = false;
    if (!rate.allowed) {
        outcome = fail(too_many_requests(client, rate));
    } else if (route) {
        Context context{.request = request,
                        .caller = *admitted.caller,
                        .path = admitted.match.parameters,
                        .request_id = request_id,
                        .received = received,
                        .rate = rate};
        outcome = co_await route->handler(context);
        rate = context.rate;
        emergency_is_walk_in = context.emergency_is_walk_in;
    } else {
        outcome = fail(admitted.allowed.error());
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

asio::awaitable<http::Response> Service::refuse_logged(http::Request& request,
                                                       const std::string& request_id, Error error) {
    const Match& match = admitted(request).match;
    error = co_await parts_.denials.refuse(
        {.caller = who_is(request.peer.get()),
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

asio::awaitable<http::Response> Service::refuse(Error error, http::Request& head) {
    const std::string request_id = request_id_of(head, parts_.clock.now());
    const Client client = admitted(head).client;
    const Allowance rate = parts_.limits.take(client, 1, std::chrono::steady_clock::now());
    if (!rate.allowed) error = too_many_requests(client, rate);
    http::Response response = co_await refuse_logged(head, request_id, std::move(error));
    echo_correlation(head, request_id, response);
    tell_rate(client, rate, response);
    co_return response;
}

asio::awaitable<bool> Service::ends(http::Ending ending) {
    const bool trusted = ending.cause == http::Ending::Cause::no_place;
    // As a handshake that is refused: with the certificate, whoever it says it is.
    const auto logged =
        trusted || ending.peer == nullptr
            ? co_await parts_.denials.end_without_place(who_is(ending.peer))
            : co_await parts_.denials.end_untrusted(label_of(*ending.peer), ending.why);
    co_return logged.has_value();
}

}  // namespace shikaku::api
