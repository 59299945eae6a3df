// Wherever in its life a connection's client falls silent, a deadline ends it: one row for each
// place. Only the deadline of the row is short; the metric says that it was this one.
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "gateway/support/metrics.h"
#include "tests/unit/gateway/http/http_fixture.h"
#include "tests/unit/gateway/http/raw_tls.h"
#include "tests/unit/gateway/http/test_pki.h"

namespace shikaku::http::testing {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

constexpr auto kShort = 20ms;
constexpr auto kLong = 10min;

// A client that does what a row says and then nothing more, but stays.
class SilentClient {
  public:
    SilentClient(std::uint16_t port, const TlsFiles& files) : port_(port), tls_(files) {}

    RawClient& tcp() {
        if (!tcp_) tcp_ = std::make_unique<RawClient>(port_);
        return *tcp_;
    }
    RawTls& tls() { return tls_; }
    void shake_hands() { REQUIRE(tls_.connect(port_)); }
    void say(const std::string& bytes) {
        SSL_write(tls_.ssl(), bytes.data(), static_cast<int>(bytes.size()));
    }
    // A record that announces more than comes of it.
    void say_part_of_a_record() {
        constexpr auto kPart = "\x17\x03\x03\x40\x00xxxx"sv;
        ::send(SSL_get_fd(tls_.ssl()), kPart.data(), kPart.size(), MSG_NOSIGNAL);
    }
    void ask(const std::string& request) {
        shake_hands();
        say(request);
    }

  private:
    std::uint16_t port_;
    RawTls tls_;
    std::unique_ptr<RawClient> tcp_;
};

std::string hello(const char* groups) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set1_groups_list(context.get(), groups);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
    SSL_connect(ssl.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string post(const std::string& path, const std::string& fields, const std::string& body = {}) {
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n" + body;
}

struct Row {
    const char* what;
    const char* phase;  // whose deadline ends it
    std::chrono::milliseconds ServerTimes::* time;
    std::function<void(SilentClient&)> go;
};

const Row kRows[] = {
    {"says nothing", "handshake", &ServerTimes::handshake, [](auto& c) { c.tcp(); }},
    {"a part of the first flight", "handshake", &ServerTimes::handshake,
     [](auto& c) { c.tcp().send(hello("X25519").substr(0, 100)); }},
    {"the first flight only", "handshake", &ServerTimes::handshake,
     [](auto& c) { c.tcp().send(hello("X25519")); }},
    {"does not answer a retry", "handshake", &ServerTimes::handshake,
     [](auto& c) { c.tcp().send(hello("P-521:P-256")); }},
    {"a part of the second flight", "handshake", &ServerTimes::handshake,
     [](auto& c) {
         c.tcp().send(hello("X25519") + std::string("\x14\x03\x03\x00\x01\x01\x17\x03\x03\x02"sv));
     }},
    {"stays after a failed handshake", "linger", &ServerTimes::linger,
     [](auto& c) { c.tcp().send(std::string(100, 'x')); }},
    {"no request", "idle", &ServerTimes::idle, [](auto& c) { c.shake_hands(); }},
    {"a part of a first record", "idle", &ServerTimes::idle,
     [](auto& c) {
         c.shake_hands();
         c.say_part_of_a_record();
     }},
    {"a part of the request line", "header", &ServerTimes::header,
     [](auto& c) { c.ask("GET / HT"); }},
    {"a part of the fields", "header", &ServerTimes::header,
     [](auto& c) { c.ask("GET / HTTP/1.1\r\nHost: a\r\nX-"); }},
    {"a part of the head's second record", "header", &ServerTimes::header,
     [](auto& c) {
         c.ask("GET / HTTP/1.1\r\n");
         c.say_part_of_a_record();
     }},
    {"no body", "body", &ServerTimes::body,
     [](auto& c) { c.ask(post("/echo", "Content-Length: 5")); }},
    {"a part of the body", "body", &ServerTimes::body,
     [](auto& c) { c.ask(post("/echo", "Content-Length: 5", "ab")); }},
    {"no end of the chunks", "body", &ServerTimes::body,
     [](auto& c) { c.ask(post("/echo", "Transfer-Encoding: chunked", "2\r\nab\r\n")); }},
    {"no end of the trailers", "body", &ServerTimes::body,
     [](auto& c) { c.ask(post("/echo", "Transfer-Encoding: chunked", "0\r\nX: y\r\n")); }},
    {"no body though it may go on", "body", &ServerTimes::body,
     [](auto& c) { c.ask(post("/echo", "Content-Length: 5\r\nExpect: 100-continue")); }},
    {"a part of a refused body", "body", &ServerTimes::body,
     [](auto& c) { c.ask(post("/forbidden", "Content-Length: 5", "ab")); }},
    {"a part of an upload", "body", &ServerTimes::body,
     [](auto& c) { c.ask(post("/upload", "Content-Length: 5", "ab")); }},
    {"does not read the answer", "write", &ServerTimes::write,
     [](auto& c) {
         std::string all;
         for (int i = 0; i < 16; ++i)
             all += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
         c.ask(all);
     }},
    {"no second request", "idle", &ServerTimes::idle,
     [](auto& c) { c.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n"); }},
    {"a part of the second request", "header", &ServerTimes::header,
     [](auto& c) { c.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /"); }},
    {"stays after the last answer", "linger", &ServerTimes::linger,
     [](auto& c) { c.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); }},
    {"stays after a refusal", "linger", &ServerTimes::linger,
     [](auto& c) { c.ask("BAD\r\n\r\n"); }},
};

double timeouts(const char* phase) {
    return counter("shikaku_http_timeouts_total", "", {{"port", "phases"}, {"phase", phase}})
        .Value();
}

}  // namespace

TEST_CASE("wherever a client falls silent, that phase's deadline ends the connection") {
    TestPki pki;
    const TlsFiles files = pki.client();
    const auto context = server_context(pki.server());
    for (const Row& row : kRows) {
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            INFO(row.what << " " << version);
            ServerTimes times{.handshake = kLong,
                              .header = kLong,
                              .body = kLong,
                              .upload = kLong,
                              .idle = kLong,
                              .write = kLong,
                              .linger = kLong};
            times.*row.time = kShort;
            RecordingService service;
            Server server({.name = "phases", .times = times}, context, service);
            REQUIRE(server.start());
            const double before = timeouts(row.phase);
            SilentClient client(server.port(), files);
            SSL_CTX_set_max_proto_version(client.tls().context(), version);
            row.go(client);
            while (timeouts(row.phase) == before)
                std::this_thread::yield();
            // What follows it, as the reading of a last answer, is not the row's.
            CHECK(timeouts(row.phase) == before + 1);
        }
    }
}

TEST_CASE("a client that ends TLS but not its connection is not waited for") {
    TestPki pki;
    RecordingService service;
    Server server({.name = "phases-end",
                   .times = {.handshake = kLong, .header = kLong, .idle = kLong, .linger = kLong}},
                  server_context(pki.server()), service);
    REQUIRE(server.start());
    for (const std::string& begun : {std::string(), std::string("GET / HT")}) {
        SilentClient client(server.port(), pki.client());
        client.shake_hands();
        CHECK(client.tls().get("/", "ok").ends_with("ok"));
        client.say(begun);
        SSL_shutdown(client.tls().ssl());
        while (server.connections() > 0)
            std::this_thread::yield();
    }
}

}  // namespace shikaku::http::testing
