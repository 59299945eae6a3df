// The server's deadlines, shortened. Nothing here measures time: a client waits until the server
// ends the connection, and the metric says under which deadline it did.
#include <poll.h>

#include <catch2/catch.hpp>
#include <thread>

#include "gateway/support/metrics.h"
#include "tests/unit/gateway/http/http_fixture.h"

namespace shikaku::http::testing {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr auto kShort = 20ms;

double timeouts(const std::string& phase) {
    return counter("shikaku_http_timeouts_total", "", {{"port", "deadline"}, {"phase", phase}})
        .Value();
}

ServerOptions with(ServerTimes times) {
    return {.name = "deadline", .times = times};
}

}  // namespace

TEST_CASE("an idle connection is closed in silence") {
    PlainServer plain(with({.idle = kShort}));
    const double before = timeouts("idle");
    RawClient client(plain.server.port());
    CHECK(client.read_to_end().empty());
    CHECK(timeouts("idle") == before + 1);
}

TEST_CASE("a head that does not end is answered 408") {
    PlainServer plain(with({.header = kShort}));
    const double before = timeouts("header");
    RawClient client(plain.server.port());
    client.send("GET / HTTP/1.1\r\nHost");
    const std::string answer = client.read_to_end();
    CHECK(statuses(answer) == std::vector{408});
    CHECK_THAT(answer, Contains("Connection: close"));
    CHECK(timeouts("header") == before + 1);
}

TEST_CASE("the header deadline runs from the first byte: trickling does not extend it") {
    PlainServer plain(with({.header = kShort}));
    RawClient client(plain.server.port());
    client.send("GET / HTTP/1.1\r\nX: ");
    // Were each byte to extend the deadline, the head would grow until it is too large (431).
    pollfd answer{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
    while (::poll(&answer, 1, 1) == 0 && client.send("x")) {
    }
    CHECK(statuses(client.read_to_end()) == std::vector{408});
}

TEST_CASE("a body that does not come is answered 408") {
    PlainServer plain(with({.body = kShort}));
    const double before = timeouts("body");
    for (const char* path : {"/echo", "/upload"}) {
        INFO(path);
        RawClient client(plain.server.port());
        client.send("POST " + std::string(path) +
                    " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
        CHECK(statuses(client.read_to_end()) == std::vector{408});
    }
    CHECK(timeouts("body") == before + 2);
}

TEST_CASE("an upload has an end and a pace, however steadily its pieces come") {
    ServerTimes times;
    ServerOptions options = with(times);
    if (GENERATE(true, false)) {
        options.times.upload = kShort;
    } else {
        options.times.body = 5 * kShort;
        options.upload_bytes_per_second = 1'000'000;
    }
    PlainServer plain(options);
    RawClient client(plain.server.port());
    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
    // Byte by byte it would take hours.
    pollfd answer{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
    int sent = 0;
    while (::poll(&answer, 1, 1) == 0 && sent < 20'000 && client.send("x"))
        ++sent;
    CHECK(sent < 20'000);
    CHECK(statuses(client.read_to_end()) == std::vector{408});
}

TEST_CASE("a client that does not read its answer is dropped") {
    PlainServer plain(with({.write = kShort}));
    const double before = timeouts("write");
    RawClient client(plain.server.port());
    std::string all;
    for (int i = 0; i < 32; ++i)
        all += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(all);
    CHECK(client.read_until("\r\n") == "HTTP/1.1 200 OK\r\n");
    while (plain.server.connections() > 0)
        std::this_thread::yield();
    CHECK(timeouts("write") == before + 1);
}

TEST_CASE("a client that keeps its side open after the last answer is not waited for") {
    PlainServer plain(with({.linger = kShort}));
    const double before = timeouts("linger");
    RawClient client(plain.server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(statuses(client.read_to_end()) == std::vector{200});
    while (plain.server.connections() > 0)
        std::this_thread::yield();
    CHECK(timeouts("linger") == before + 1);
}

TEST_CASE("draining cuts what does not end in its time") {
    ServerTimes times{.drain = kShort};
    PlainServer plain(with(times));
    RawClient client(plain.server.port());
    client.send("GET / HTTP/1.1\r\nHost");
    RawClient other(plain.server.port());
    other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(statuses(other.read_response()) == std::vector{200});
    plain.server.drain();
    CHECK(plain.server.connections() == 0);
    CHECK(client.read_to_end().empty());
}

}  // namespace shikaku::http::testing
