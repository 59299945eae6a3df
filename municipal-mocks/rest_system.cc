#include "municipal-mocks/rest_system.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/support/json.h"

namespace shikaku::mocks {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kPath = "/subsidies/lookup";
constexpr std::size_t kRequestBytes = 4096;
constexpr auto kHangTime = std::chrono::minutes(10);
constexpr auto kStopCheck = std::chrono::milliseconds(50);

http::Response problem(int status, std::string_view code) {
    http::Response response;
    response.status = status;
    JsonWriter(response.body).begin_object().field("error", code).end_object();
    return response;
}

// The person asked about; empty when the request says nothing we understand.
std::string link_key_of(std::string_view body) {
    const auto json = parse_json(body);
    if (!json || !json->is_object()) return {};
    const auto link_key = json->find("linkKey");
    const auto date = json->find("serviceDate");
    if (link_key == json->end() || !link_key->is_string()) return {};
    if (date == json->end() || !date->is_string()) return {};
    const auto& text = link_key->get_ref<const std::string&>();
    const auto bytes = from_base64url(text);
    return bytes && bytes->size() == Hash256().size() ? text : std::string();
}

// A stream that breaks off after its first piece.
struct CutBody {
    std::string piece;
    bool given = false;

    asio::awaitable<Result<std::string>> operator()() {
        if (given) co_return fail(ErrorCode::io_failed, "cut on purpose");
        given = true;
        co_return std::move(piece);
    }
};

void apply(const Fault& fault, http::Response& response) {
    if (fault.kind == Fault::Kind::status) {
        response = problem(fault.number, "on_purpose");
    } else if (fault.kind == Fault::Kind::garbage) {
        response.body = "{\"linkKey\": \x01\xFF <garbage>";
    } else if (fault.kind == Fault::Kind::cut) {
        const auto bytes = std::max(std::size_t{1}, static_cast<std::size_t>(fault.number));
        response.stream = CutBody{.piece = response.body.substr(0, bytes)};
        response.body.clear();
    }
}

}  // namespace

Result<http::BodyPlan> RestSystem::plan(http::Request&) {
    return http::BodyPlan{.bytes_max = kRequestBytes};
}

asio::awaitable<http::Response> RestSystem::refuse(Error error, http::Request&) {
    co_return problem(info(error.code).http_status, name(error.code));
}

FaultPlan::Drawn RestSystem::draw() {
    const std::lock_guard lock(mutex_);
    return faults_.draw(dice_);
}

asio::awaitable<void> RestSystem::wait(std::chrono::milliseconds time) const {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto end = std::chrono::steady_clock::now() + time;
    while (!stopping_ && std::chrono::steady_clock::now() < end) {
        timer.expires_at(std::min(end, std::chrono::steady_clock::now() + kStopCheck));
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

http::Response RestSystem::answer(const http::Request& request, bool wrong_person) const {
    if (request.path != kPath) return problem(404, "no_such_path");
    if (request.method != http::Method::post) return problem(405, "post_only");
    std::string link_key = link_key_of(request.body);
    if (link_key.empty()) return problem(400, "bad_request");
    const Person* person = people_.find(link_key);
    if (wrong_person) link_key.front() = link_key.front() == 'A' ? 'B' : 'A';

    http::Response response;
    JsonWriter json(response.body);
    json.begin_object().field("linkKey", link_key).field("asOf", to_rfc3339_jst(clock_.now()));
    if (person != nullptr && person->ambiguous)
        json.field("ambiguous", true);
    else
        json.key("records").raw(person == nullptr ? "[]" : person->records);
    json.end_object();
    return response;
}

asio::awaitable<http::Response> RestSystem::serve(http::Request& request) {
    const FaultPlan::Drawn drawn = draw();
    if (drawn.delay.count() > 0) co_await wait(drawn.delay);
    if (drawn.fault.kind == Fault::Kind::hang) co_await wait(kHangTime);
    http::Response response = answer(request, drawn.fault.kind == Fault::Kind::wrong_person);
    apply(drawn.fault, response);
    co_return response;
}

}  // namespace shikaku::mocks
