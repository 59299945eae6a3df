#include "gateway/http/server.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "gateway/support/bounds.h"
#include "gateway/support/metrics.h"
#include "tests/unit/gateway/http/http_fixture.h"

namespace shikaku::http::testing {

using Catch::EndsWith;
using Catch::Matchers::Contains;

namespace {

std::string get(const std::string& path, const std::string& fields = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string post(const std::string& path, const std::string& body, const std::string& fields = {}) {
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a connection is kept and serves one request after another") {
    PlainServer plain;
    RawClient client(plain.server.port());
    for (int i = 0; i < 100; ++i) {
        const std::string body(static_cast<std::size_t>(i * 100), 'x');
        client.send(post("/echo", body));
        CHECK_THAT(client.read_response(), EndsWith("\r\n\r\n" + body));
    }
    CHECK(plain.server.connections() == 1);
}

TEST_CASE("pipelined requests are answered in order, however many") {
    PlainServer plain;
    constexpr int kMany = 200;
    std::string all;
    for (int i = 0; i < kMany; ++i)
        all += post("/echo", "request " + std::to_string(i));
    RawClient client(plain.server.port());
    client.send(all);
    for (int i = 0; i < kMany; ++i)
        CHECK_THAT(client.read_response(), EndsWith("request " + std::to_string(i)));
}

TEST_CASE("closing is the client's choice, and HTTP/1.0 closes unless asked not to") {
    PlainServer plain;
    RawClient closing(plain.server.port());
    closing.send(get("/", "Connection: close\r\n") + get("/never"));
    CHECK(statuses(closing.read_to_end()) == std::vector{200});

    RawClient old(plain.server.port());
    old.send("GET / HTTP/1.0\r\n\r\n" + get("/never"));
    CHECK_THAT(old.read_to_end(), Contains("Connection: close") && EndsWith("ok"));

    RawClient kept(plain.server.port());
    kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK_THAT(kept.read_response(), Contains("Connection: keep-alive"));
    kept.send("GET / HTTP/1.0\r\n\r\n");
    CHECK_THAT(kept.read_to_end(), EndsWith("ok"));
    CHECK_FALSE(plain.service.was_asked("/never"));
}

TEST_CASE("HEAD gets the head alone, and the connection goes on") {
    PlainServer plain;
    RawClient client(plain.server.port());
    client.send("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"));
    CHECK_THAT(client.read_until("\r\n\r\n"), Contains("Content-Length: 1048576\r\n"));
    CHECK_THAT(client.read_response(), EndsWith("ok"));
    client.send("HEAD /download HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"));
    CHECK_THAT(client.read_until("\r\n\r\n"), Contains("chunked"));
    CHECK_THAT(client.read_response(), EndsWith("ok"));
}

TEST_CASE("a large answer arrives whole at a slow reader") {
    PlainServer plain;
    RawClient client(plain.server.port());
    client.send(get("/large") + get("/"));
    const std::string large = client.read_response();
    CHECK(large.size() - large.find("\r\n\r\n") - 4 == 1024 * 1024);
    CHECK_THAT(client.read_response(), EndsWith("ok"));
}

TEST_CASE("100-continue is said when the body is wanted, and not when it is not") {
    PlainServer plain;
    RawClient client(plain.server.port());
    const std::string expect = "Expect: 100-continue\r\n";
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + expect + "\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    CHECK_THAT(client.read_response(), EndsWith("hello"));

    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + expect + "\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    CHECK_THAT(client.read_response(), EndsWith("5"));

    for (const char* path : {"/refused", "/small", "/ignore"}) {
        INFO(path);
        RawClient other(plain.server.port());
        other.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n" +
                   expect + "\r\n");
        const std::string answer = other.read_to_end();
        CHECK_THAT(answer, !Contains("100 Continue") && Contains("Connection: close"));
    }
}

TEST_CASE("a body over its limit is refused before it is read") {
    PlainServer plain;
    CHECK(statuses(ask(plain.server.port(), post("/small", "0123456789"))) == std::vector{200});
    CHECK(statuses(ask(plain.server.port(), post("/small", "0123456789a"))) == std::vector{413});

    // The answer can be read although the client goes on sending.
    RawClient client(plain.server.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
    client.send(std::string(500'000, 'x'));
    CHECK(statuses(client.read_to_end()) == std::vector{413});
}

TEST_CASE("who is refused reads why, however long the body is") {
    PlainServer plain;
    const std::string expect = "Expect: 100-continue\r\n";
    const std::string chunked =
        "POST /forbidden HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n";
    struct Row {
        const char* what;
        std::string bytes;
        const char* says;
        bool goes_on;
    };
    const std::vector<Row> rows = {
        {"no body", get("/forbidden"), "refused, read 0", true},
        {"a short body", post("/forbidden", "0123456789"), "refused, read 10", true},
        {"a long body", post("/forbidden", std::string(500'000, 'x')), "refused, read 0", false},
        {"a long body, announced only",
         "POST /forbidden HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n",
         "refused, read 0", false},
        {"a body that waits to be asked for", post("/forbidden", "", expect), "refused, read 0",
         true},
        {"a long body that waits to be asked for",
         "POST /forbidden HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + expect + "\r\n",
         "refused, read 0", false},
        {"a short body in chunks", chunked + "\r\n5\r\nhello\r\n0\r\n\r\n", "refused, read 5",
         true},
        {"a long body in chunks", chunked + "\r\n5\r\nhello\r\nffff\r\n", "refused, read 0", false},
        {"a malformed body in chunks", chunked + "\r\nzz\r\n", "refused, read 0", false},
        {"no body, of who is withdrawn", get("/withdrawn"), "refused, read 0", true},
        {"a short body, of who is withdrawn", post("/withdrawn", "0123456789"), "refused, read 0",
         false},
        {"a body that does not come, of who is withdrawn",
         "POST /withdrawn HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n", "refused, read 0",
         false},
        {"chunks, of who is withdrawn",
         "POST /withdrawn HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
         "refused, read 0", false},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        const std::string answer = ask(plain.server.port(), row.bytes + get("/after"));
        CHECK_THAT(answer, Contains("HTTP/1.1 403") && Contains(row.says));
        CHECK_THAT(answer, !Contains("100 Continue"));
        CHECK(statuses(answer).size() == (row.goes_on ? 2 : 1));
        CHECK(Contains("Connection: close").match(answer) == !row.goes_on);
    }
    // What a request was refused for is not the next one's.
    CHECK_THAT(ask(plain.server.port(), get("/forbidden") + post("/echo", "hello")),
               EndsWith("hello"));
}

TEST_CASE("an error of the plan keeps the connection unless a body is on its way") {
    PlainServer plain;
    RawClient client(plain.server.port());
    client.send(get("/refused") + get("/"));
    CHECK_THAT(client.read_response(), Contains("404") && EndsWith("not_found"));
    CHECK_THAT(client.read_response(), EndsWith("ok"));
    client.send(post("/refused", "body") + get("/never"));
    CHECK(statuses(client.read_to_end()) == std::vector{404});
    CHECK_FALSE(plain.service.was_asked("/never"));
}

TEST_CASE("a streamed upload is read piece by piece, counted or chunked") {
    PlainServer plain;
    const std::string mebibyte(1024 * 1024, 'x');
    RawClient client(plain.server.port());
    client.send(post("/upload", mebibyte));
    CHECK_THAT(client.read_response(), EndsWith("\r\n\r\n1048576"));

    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 4; ++i)
        client.send("100000\r\n" + mebibyte + "\r\n");
    client.send("0\r\nDigest: ignored\r\n\r\n" + get("/"));
    CHECK_THAT(client.read_response(), EndsWith("\r\n\r\n4194304"));
    CHECK_THAT(client.read_response(), EndsWith("ok"));

    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("800001\r\n");
    CHECK(statuses(client.read_to_end()) == std::vector{413});
}

TEST_CASE("a long body lets others in between") {
    PlainServer plain({.name = "turns", .read_turn = 1'000});
    RawClient slow(plain.server.port());
    RawClient quick(plain.server.port());
    RawClient holder(plain.server.port());
    for (RawClient* each : {&slow, &quick}) {
        each->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(statuses(each->read_response()) == std::vector{200});
    }
    holder.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
    while (!plain.service.thread_held)
        std::this_thread::yield();
    std::string chunks;
    for (int i = 0; i < 6'000; ++i)
        chunks += "1\r\nx\r\n";
    slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks +
              "0\r\n\r\n");
    quick.send("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n");
    plain.service.let_go = true;
    plain.service.let_go.notify_all();
    CHECK(statuses(slow.read_response()) == std::vector{200});
    CHECK(statuses(quick.read_response()) == std::vector{200});
    CHECK(plain.service.served() ==
          std::vector<std::string>{"GET /", "GET /", "GET /hold", "GET /quick", "POST /echo"});
}

TEST_CASE("an upload its service leaves unread closes the connection") {
    PlainServer plain;
    RawClient client(plain.server.port());
    client.send(post("/ignore", std::string(100'000, 'x')) + get("/never"));
    CHECK(statuses(client.read_to_end()) == std::vector{200});
    CHECK_FALSE(plain.service.was_asked("/never"));
}

TEST_CASE("a streamed answer is chunked, and ends with the connection in HTTP/1.0") {
    PlainServer plain;
    const std::string chunks = "8\r\npiece 1;\r\n8\r\npiece 2;\r\n8\r\npiece 3;\r\n0\r\n\r\n";
    RawClient client(plain.server.port());
    client.send(get("/download") + get("/"));
    CHECK_THAT(client.read_until("\r\n\r\n"), Contains("Transfer-Encoding: chunked"));
    CHECK(client.read_until("\r\n0\r\n\r\n") == chunks);
    CHECK_THAT(client.read_response(), EndsWith("ok"));

    const std::string old = ask(plain.server.port(), "GET /download HTTP/1.0\r\n\r\n");
    CHECK_THAT(old, EndsWith("\r\n\r\npiece 1;piece 2;piece 3;") && !Contains("chunked"));
}

TEST_CASE("a streamed answer that fails is cut, never ended") {
    PlainServer plain;
    CHECK_THAT(ask(plain.server.port(), get("/broken")), !EndsWith("0\r\n\r\n"));
    CHECK_THAT(ask(plain.server.port(), get("/throw-late")), !Contains("0\r\n\r\n"));
}

TEST_CASE("an exception of a handler is answered, counted, and harms nobody else") {
    PlainServer plain({.name = "exceptions"});
    auto& bugs = counter("shikaku_http_bugs_total", "", {{"port", "exceptions"}});
    const double before = bugs.Value();
    RawClient client(plain.server.port());
    client.send(get("/throw") + get("/throw-plan") + get("/"));
    CHECK_THAT(client.read_response(), Contains("HTTP/1.1 500 ") && EndsWith("internal"));
    CHECK_THAT(client.read_response(), Contains("HTTP/1.1 500 ") && EndsWith("internal"));
    CHECK_THAT(client.read_response(), EndsWith("ok"));
    CHECK(bugs.Value() == before + 2);
}

TEST_CASE("a response field cannot split the response") {
    PlainServer plain;
    CHECK_THAT(ask(plain.server.port(), get("/header")),
               Contains("X-Good: 1\r\n") && !Contains("X-Evil"));
}

TEST_CASE("a client that leaves at any moment leaves nothing behind") {
    PlainServer plain;
    const std::string whole = post("/echo", "hello") + get("/large");
    for (std::size_t n = 0; n <= whole.size(); ++n) {
        RawClient client(plain.server.port());
        client.send(whole.substr(0, n));
    }
    plain.server.drain();
    CHECK(plain.server.connections() == 0);
}

TEST_CASE("500 connections at once are all served by two threads") {
    PlainServer plain({.threads = 2});
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 500; ++i)
        clients.push_back(std::make_unique<RawClient>(plain.server.port()));
    for (const auto& client : clients)
        client->send(get("/"));
    for (const auto& client : clients)
        CHECK_THAT(client->read_response(), EndsWith("ok"));
    CHECK(plain.server.connections() == 500);
}

TEST_CASE("connections over the limit are closed, and accepted again when others left") {
    PlainServer plain({.name = "limit", .connections = {.total = 2}});
    auto first = std::make_unique<RawClient>(plain.server.port());
    first->send(get("/"));
    CHECK_THAT(first->read_response(), EndsWith("ok"));
    RawClient second(plain.server.port());
    second.send(get("/"));
    CHECK_THAT(second.read_response(), EndsWith("ok"));
    CHECK(ask(plain.server.port(), {}).empty());
    CHECK(counter("shikaku_http_connections_refused_total", "",
                  {{"port", "limit"}, {"reason", "total"}})
              .Value() == 1);

    first->send(get("/", "Connection: close\r\n"));
    CHECK_THAT(first->read_to_end(), EndsWith("ok"));
    first.reset();
    while (plain.server.connections() == 2)
        std::this_thread::yield();
    RawClient third(plain.server.port());
    third.send(get("/"));
    CHECK_THAT(third.read_response(), EndsWith("ok"));
}

TEST_CASE("draining lets the request in flight end and closes the idle") {
    PlainServer plain;
    RawClient idle(plain.server.port());
    idle.send(get("/"));
    CHECK_THAT(idle.read_response(), EndsWith("ok"));
    RawClient busy(plain.server.port());
    busy.send(get("/gate"));
    while (plain.service.at_gate == 0)
        std::this_thread::yield();

    std::thread drain([&] { plain.server.drain(); });
    CHECK(idle.read_to_end().empty());
    plain.service.gate_open = true;
    CHECK_THAT(busy.read_to_end(), Contains("Connection: close") && EndsWith("ok"));
    drain.join();
    CHECK(plain.server.connections() == 0);
}

TEST_CASE("destruction cuts connections and waits for the handler at work") {
    auto plain = std::make_unique<PlainServer>();
    RawClient busy(plain->server.port());
    RawClient idle(plain->server.port());
    busy.send(get("/gate"));
    while (plain->service.at_gate == 0)
        std::this_thread::yield();
    plain->service.gate_open = true;
    plain.reset();
    CHECK(idle.read_to_end().empty());
}

TEST_CASE("a server that cannot listen says so") {
    PlainServer plain;
    RecordingService service;
    for (const int threads : {1, 2}) {
        Server same_port({.port = plain.server.port(), .threads = threads}, nullptr, service);
        const Status started = same_port.start();
        REQUIRE_FALSE(started);
        CHECK(started.error().code == ErrorCode::io_failed);
    }
    Server nowhere({.address = "somewhere"}, nullptr, service);
    CHECK(nowhere.start().error().code == ErrorCode::bad_configuration);
}

TEST_CASE("a thread that hangs in a handler is told, and that it is back") {
    using namespace std::chrono_literals;
    struct Hanging final : Service {
        Result<BodyPlan> plan(Request&) override { return BodyPlan{}; }
        asio::awaitable<Response> serve(Request&) override {
            let_go.wait(false);
            co_return Response{};
        }
        asio::awaitable<Response> refuse(Error, Request&) override { co_return Response{}; }
        std::atomic<bool> let_go = false;
    };
    Hanging service;
    Server server({.threads = 2}, nullptr, service);
    REQUIRE(server.start());
    CHECK(server.turning(60s));

    RawClient client(server.port());
    client.send(get("/"));
    while (server.turning(1s)) {  // one of the two still turns
    }
    service.let_go = true;
    service.let_go.notify_all();
    CHECK(statuses(client.read_response()) == std::vector{200});
    while (!server.turning(1s)) {
    }
}

}  // namespace shikaku::http::testing
