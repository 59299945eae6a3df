// A service that answers by path and remembers what it was asked, and a blocking client that sends
// the very bytes it is told to.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/server.h"

namespace shikaku::http::testing {

// Paths:
//   /echo         gives the body back             /small       takes at most 10 bytes
//   /upload       streams the body in, counts it  /ignore      plans to stream, reads nothing
//   /download     streams three pieces out        /broken      fails after the first piece
//   /refused      an error of plan()              /throw, /throw-plan, /throw-late   exceptions
//   /gate         waits for open_gate             /peer        the client's certificate, hex
//   /hold         keeps its thread until let_go
//   /big          takes up to 4 MiB                /huge       gives 2 MiB
//   /large        1 MiB                           /header      a field that would split the
//   response
//   /forbidden    refused, whatever its body; says how much of it was read
//   /withdrawn    the same, and no body of it is to be read
//   anything else "ok"
class RecordingService final : public Service {
  public:
    Result<BodyPlan> plan(Request& head) override;
    asio::awaitable<Response> serve(Request& request) override;
    asio::awaitable<Response> refuse(Error error, Request& head) override;

    asio::awaitable<bool> ends(Ending ending) override;

    [[nodiscard]] std::vector<std::string> served() const;  // "GET /echo", in order
    [[nodiscard]] bool was_asked(std::string_view path) const;

    std::atomic<bool> may_say_why = true;     // what ends() gives; it is remembered as served
    std::function<void()> at_second_piece{};  // of /download
    std::atomic<bool> gate_open = false;
    std::atomic<int> at_gate = 0;
    std::atomic<bool> thread_held = false;  // by /hold, until let_go
    std::atomic<bool> let_go = false;

  private:
    void remember(const Request& request);

    mutable std::mutex mutex_;
    std::vector<std::string> served_;
};

class RawClient {
  public:
    explicit RawClient(std::uint16_t port, const char* from = nullptr);  // of 127.0.0.0/8
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool send(std::string_view bytes);  // false when the connection is lost
    void half_close();
    // Until the server closes; fails the test when it does not within ten seconds.
    [[nodiscard]] std::string read_to_end();
    // Until `text` was read; what follows stays.
    [[nodiscard]] std::string read_until(std::string_view text);
    // One response with a Content-Length: head and body.
    [[nodiscard]] std::string read_response();
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    [[nodiscard]] bool fill();

    int descriptor_ = -1;
    std::string received_;
};

// "HTTP/1.1 200 OK..." -> {200}; several responses one after another give several.
[[nodiscard]] std::vector<int> statuses(std::string_view responses);

// A plain server of its own on a free port.
struct PlainServer {
    explicit PlainServer(ServerOptions options = {});
    RecordingService service;
    Server server;
};

// Sends the bytes, ends its side, and gives all that comes back.
[[nodiscard]] std::string ask(std::uint16_t port, std::string_view bytes);

}  // namespace shikaku::http::testing
