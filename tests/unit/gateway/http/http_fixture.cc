#include "tests/unit/gateway/http/http_fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

namespace shikaku::http::testing {
namespace {

using namespace std::chrono_literals;

class Pieces {
  public:
    Pieces(bool breaks, std::function<void()> at_second)
        : breaks_(breaks), at_second_(std::move(at_second)) {}
    asio::awaitable<Result<std::string>> next() {
        ++count_;
        if (count_ == 2 && at_second_) at_second_();
        if (breaks_ && count_ == 2) co_return fail(ErrorCode::io_failed);
        co_return count_ > 3 ? std::string() : "piece " + std::to_string(count_) + ";";
    }

  private:
    bool breaks_;
    std::function<void()> at_second_;
    int count_ = 0;
};

asio::awaitable<Result<std::string>> throw_late() {
    throw std::runtime_error("late");
    co_return std::string();
}

asio::awaitable<void> wait_for(const std::atomic<bool>& open) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (!open) {
        timer.expires_after(1ms);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<Result<std::size_t>> count_bytes(BodySource& source) {
    std::size_t bytes = 0;
    for (;;) {
        const auto piece = co_await source.next();
        if (!piece) co_return fail(piece.error());
        if (piece->empty()) co_return bytes;
        bytes += piece->size();
    }
}

}  // namespace

Result<BodyPlan> RecordingService::plan(Request& head) {
    if (head.path == "/refused") return fail(ErrorCode::not_found);
    if (head.path == "/throw-plan") throw std::runtime_error("plan");
    if (head.path == "/small") return BodyPlan{.bytes_max = 10};
    if (head.path == "/big") return BodyPlan{.bytes_max = 4 * 1024 * 1024};
    if (head.path == "/forbidden") return BodyPlan{.bytes_max = 10, .refused = true};
    if (head.path == "/withdrawn") return BodyPlan{.bytes_max = 0, .refused = true};
    if (head.path == "/upload") return BodyPlan{.bytes_max = 8 * 1024 * 1024, .stream = true};
    if (head.path == "/ignore") return BodyPlan{.bytes_max = 8 * 1024 * 1024, .stream = true};
    return BodyPlan{.bytes_max = 64 * 1024};
}

asio::awaitable<Response> RecordingService::serve(Request& request) {
    remember(request);
    Response response;
    response.content_type = "text/plain";
    response.body = "ok";
    if (request.path == "/echo") response.body = request.body;
    if (request.path == "/peer")
        response.body = request.peer ? to_hex(request.peer->sha256) : "none";
    if (request.path == "/large") response.body.assign(1024 * 1024, 'x');
    if (request.path == "/huge") response.body.assign(2 * 1024 * 1024, 'x');
    if (request.path == "/header")
        response.headers = {{"X-Good", "1"}, {"X-Bad", "a\r\nX-Evil: 1"}};
    if (request.path == "/forbidden" || request.path == "/withdrawn") {
        response.status = 403;
        response.body =
            request.refused ? "refused, read " + std::to_string(request.body.size()) : "not told";
    }
    if (request.path == "/throw") throw std::runtime_error("serve");
    if (request.path == "/throw-late") response.stream = throw_late;
    if (request.path == "/hold") {
        thread_held = true;
        let_go.wait(false);
    }
    if (request.path == "/gate") {
        ++at_gate;
        co_await wait_for(gate_open);
    }
    if (request.path == "/upload") {
        const auto bytes = co_await count_bytes(*request.stream);
        if (!bytes) co_return co_await refuse(bytes.error(), request);
        response.body = std::to_string(*bytes);
    }
    if (request.path == "/download" || request.path == "/broken") {
        auto pieces = std::make_shared<Pieces>(request.path == "/broken", at_second_piece);
        response.stream = [pieces] { return pieces->next(); };
    }
    co_return response;
}

asio::awaitable<Response> RecordingService::refuse(Error error, Request&) {
    Response response;
    response.status = info(error.code).http_status;
    response.content_type = "text/plain";
    response.body = name(error.code);
    co_return response;
}

asio::awaitable<bool> RecordingService::ends(Ending ending) {
    const std::lock_guard lock(mutex_);
    const std::string who = ending.peer == nullptr ? "nobody" : to_hex(ending.peer->sha256);
    served_.push_back("ends " + std::string(ending.why) + " " + who);
    co_return may_say_why;
}

void RecordingService::remember(const Request& request) {
    const std::lock_guard lock(mutex_);
    served_.push_back(std::string(name(request.method)) + " " + request.path);
}

std::vector<std::string> RecordingService::served() const {
    const std::lock_guard lock(mutex_);
    return served_;
}

bool RecordingService::was_asked(std::string_view path) const {
    for (const std::string& line : served()) {
        if (line.find(path) != std::string::npos) return true;
    }
    return false;
}

RawClient::RawClient(std::uint16_t port, const char* from) {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (from != nullptr) {
        REQUIRE(::inet_pton(AF_INET, from, &address.sin_addr) == 1);
        REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

RawClient::~RawClient() {
    ::close(descriptor_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

void RawClient::half_close() {
    ::shutdown(descriptor_, SHUT_WR);
}

bool RawClient::fill() {
    char bytes[16 * 1024];
    const ssize_t n = ::recv(descriptor_, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) FAIL("the server keeps silent");
    if (n <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(n));
    return true;
}

std::string RawClient::read_to_end() {
    while (fill()) {
    }
    return std::exchange(received_, {});
}

std::string RawClient::read_until(std::string_view text) {
    std::size_t at = 0;
    while ((at = received_.find(text)) == std::string::npos) {
        if (!fill()) return std::exchange(received_, {});
    }
    std::string out = received_.substr(0, at + text.size());
    received_.erase(0, at + text.size());
    return out;
}

std::string RawClient::read_response() {
    std::string response = read_until("\r\n\r\n");
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t at = response.find(kLength);
    const std::size_t size =
        at == std::string::npos ? 0 : std::stoul(response.substr(at + kLength.size()));
    while (received_.size() < size && fill()) {
    }
    response += received_.substr(0, size);
    received_.erase(0, size);
    return response;
}

std::vector<int> statuses(std::string_view responses) {
    constexpr std::string_view kStart = "HTTP/1.1 ";
    std::vector<int> found;
    for (std::size_t at = responses.find(kStart); at != std::string_view::npos;
         at = responses.find(kStart, at + 1))
        found.push_back(std::stoi(std::string(responses.substr(at + kStart.size(), 3))));
    return found;
}

PlainServer::PlainServer(ServerOptions options) : server(std::move(options), nullptr, service) {
    const Status started = server.start();
    REQUIRE(started);
}

std::string ask(std::uint16_t port, std::string_view bytes) {
    RawClient client(port);
    client.send(bytes);
    client.half_close();
    return client.read_to_end();
}

}  // namespace shikaku::http::testing
