#include "gateway/http/client.h"

#include <netdb.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "gateway/http/client_call.h"
#include "gateway/http/client_url.h"
#include "gateway/support/metrics.h"
#include "tests/unit/gateway/http/http_fixture.h"
#include "tests/unit/gateway/http/test_pki.h"

namespace shikaku::http::testing {

using namespace std::chrono_literals;

namespace {

std::unique_ptr<Client> client_of(const PlainServer& plain) {
    auto client = Client::make("http://127.0.0.1:" + std::to_string(plain.server.port()), nullptr);
    REQUIRE(client);
    return std::move(*client);
}

// Gives a text piece by piece, then the empty end.
std::function<Result<std::string>()> pieces_of(int count, const std::string& piece) {
    return [count, piece]() mutable -> Result<std::string> {
        return count-- > 0 ? piece : std::string();
    };
}

}  // namespace

TEST_CASE("URLs of servers") {
    struct Row {
        const char* url;
        bool tls;
        const char* host;
        const char* port;
        const char* authority;
    };
    const Row good[] = {
        {"https://a.example:8443", true, "a.example", "8443", "a.example:8443"},
        {"https://a.example", true, "a.example", "443", "a.example"},
        {"http://127.0.0.1:80/", false, "127.0.0.1", "80", "127.0.0.1:80"},
        {"http://localhost", false, "localhost", "80", "localhost"},
        {"https://[::1]:8443", true, "::1", "8443", "[::1]:8443"},
        {"https://[::1]", true, "::1", "443", "[::1]"},
    };
    for (const Row& row : good) {
        INFO(row.url);
        const auto url = ClientUrl::parse(row.url);
        REQUIRE(url);
        CHECK(url->tls == row.tls);
        CHECK(url->host == row.host);
        CHECK(url->port == row.port);
        CHECK(url->authority == row.authority);
    }
    for (const char* bad : {"",
                            "a",
                            "a:1",
                            "ftp://a",
                            "https://",
                            "https:///",
                            "https://:1",
                            "https://a:",
                            "https://a:0",
                            "https://a:65536",
                            "https://a:x",
                            "https://a/b",
                            "https://a?b",
                            "https://u@a",
                            "https://a b",
                            "https://[::1",
                            "https://[]",
                            "https://[::1]x",
                            "https://[g]",
                            "https://a:1:2",
                            "https://a\r\n",
                            "HTTPS://a"}) {
        INFO(bad);
        const auto url = ClientUrl::parse(bad);
        REQUIRE_FALSE(url);
        CHECK(url.error().code == ErrorCode::bad_configuration);
    }
    CHECK(Client::make("https://a", nullptr).error().code == ErrorCode::bad_configuration);
}

TEST_CASE("requests that would break the framing are not sent") {
    const auto refused = [](const ClientRequest& request) {
        return !request_head(request, "a").has_value();
    };
    CHECK_FALSE(refused({.target = "/a?b"}));
    CHECK(refused({.method = Method::other}));
    for (const char* target : {"", "a", "http://a/", "/a b", "/a\r\nX: 1", "/a\tb"}) {
        INFO(target);
        CHECK(refused({.target = target}));
    }
    const Header bad[] = {{"", "1"},
                          {"X Y", "1"},
                          {"X:", "1"},
                          {"X", "1\r\nY: 2"},
                          {"X\r\nY", "1"},
                          {"Host", "b"},
                          {"connection", "close"},
                          {"Content-Length", "1"},
                          {"Transfer-Encoding", "chunked"}};
    for (const Header& header : bad) {
        INFO(header.name);
        CHECK(refused({.headers = {header}}));
    }
    CHECK(refused({.content_type = "a\r\nb"}));
}

TEST_CASE("one connection is kept over many requests") {
    PlainServer plain({.name = "kept"});
    const auto client = client_of(plain);
    for (int i = 0; i < 20; ++i) {
        const std::string body = "request " + std::to_string(i);
        const auto response =
            client->send_and_wait({.method = Method::post, .target = "/echo", .body = body});
        REQUIRE(response);
        CHECK(response->status == 200);
        CHECK(response->body == body);
        CHECK(response->header("content-type") == "text/plain");
    }
    CHECK(counter("shikaku_http_connections_total", "", {{"port", "kept"}}).Value() == 1);
}

TEST_CASE("every kind of answer is read") {
    PlainServer plain;
    const auto client = client_of(plain);
    CHECK(client->send_and_wait({.target = "/download"})->body == "piece 1;piece 2;piece 3;");
    CHECK(client->send_and_wait({.target = "/refused"})->status == 404);
    CHECK(client->send_and_wait({.target = "/large"})->body.size() == 1024 * 1024);
    const auto head = client->send_and_wait({.method = Method::head, .target = "/large"});
    CHECK(head->body.empty());
    CHECK(head->header("Content-Length") == "1048576");
    CHECK(client->send_and_wait({.method = Method::put, .target = "/echo"})->status == 200);
}

TEST_CASE("an answer that is cut or too large is malformed") {
    PlainServer plain;
    const auto client = client_of(plain);
    for (const char* path : {"/broken", "/throw-late"}) {
        const auto response = client->send_and_wait({.target = path});
        REQUIRE_FALSE(response);
        CHECK((response.error().code == ErrorCode::source_malformed ||
               response.error().code == ErrorCode::io_failed));
    }
    for (const char* path : {"/large", "/download"}) {
        const auto response = client->send_and_wait({.target = path, .response_bytes_max = 10});
        REQUIRE_FALSE(response);
        CHECK(response.error().code == ErrorCode::source_malformed);
    }
}

TEST_CASE("a body made on the way is sent in chunks") {
    PlainServer plain;
    const auto client = client_of(plain);
    const auto response =
        client->send_and_wait({.method = Method::post,
                               .target = "/upload",
                               .body_pieces = pieces_of(50, std::string(100'000, 'x'))});
    REQUIRE(response);
    CHECK(response->body == "5000000");
}

TEST_CASE("an answer before the end of the upload is read, and ends it") {
    PlainServer plain;
    const auto client = client_of(plain);
    int sent = 0;
    const auto endless = [&sent]() -> Result<std::string> {
        ++sent;
        return std::string(64 * 1024, 'x');
    };
    const auto response =
        client->send_and_wait({.method = Method::post, .target = "/small", .body_pieces = endless});
    REQUIRE(response);
    CHECK(response->status == 413);
    CHECK(sent < 1000);
}

TEST_CASE("an error while making the body ends the call with it") {
    PlainServer plain;
    const auto client = client_of(plain);
    const auto broken = []() -> Result<std::string> { return fail(ErrorCode::corrupt, "disk"); };
    const auto response =
        client->send_and_wait({.method = Method::post, .target = "/upload", .body_pieces = broken});
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::corrupt);
    CHECK(plain.service.served().size() <= 1);
}

TEST_CASE("the deadline ends a call in any phase") {
    PlainServer plain;
    const auto client = client_of(plain);
    const auto response = client->send_and_wait({.target = "/gate"}, 30ms);
    plain.service.gate_open = true;
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::source_timeout);
    CHECK(client->send_and_wait({.target = "/"})->body == "ok");

    // 192.0.2.0/24 is reserved for documentation: nobody answers, or the system knows no way there.
    auto nowhere = Client::make("http://192.0.2.1:9", nullptr);
    const auto unreachable = (*nowhere)->send_and_wait({}, 30ms);
    REQUIRE_FALSE(unreachable);
    CHECK((unreachable.error().code == ErrorCode::source_timeout ||
           unreachable.error().code == ErrorCode::source_unavailable));
}

TEST_CASE("a server that is not there is unavailable") {
    std::string url;
    {
        PlainServer gone;
        url = "http://127.0.0.1:" + std::to_string(gone.server.port());
    }
    auto client = Client::make(url, nullptr);
    const auto response = (*client)->send_and_wait({});
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::source_unavailable);
}

TEST_CASE("host names are resolved") {
    if (gethostbyname("localhost") == nullptr) {
        WARN("skipped: this machine has no name for its loopback address (/etc/hosts)");
        return;
    }
    PlainServer plain;
    auto client = Client::make("http://localhost:" + std::to_string(plain.server.port()), nullptr);
    REQUIRE(client);
    const auto response = (*client)->send_and_wait({.target = "/"});
    INFO((response ? "" : response.error().detail));
    REQUIRE(response);
    CHECK(response->body == "ok");
}

TEST_CASE("one client serves several threads and event loops at once") {
    TestPki pki;
    RecordingService service;
    Server server({.threads = 2, .name = "shared"}, server_context(pki.server()), service);
    REQUIRE(server.start());
    auto client = Client::make("https://127.0.0.1:" + std::to_string(server.port()),
                               client_context(pki.client()));
    REQUIRE(client);
    std::array<std::string, 4> wrong;  // of each thread
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&client, &mine = wrong[t], t] {
            for (int i = 0; i < 25; ++i) {
                const std::string body = std::to_string(t) + ":" + std::to_string(i);
                const auto response = (*client)->send_and_wait(
                    {.method = Method::post, .target = "/echo", .body = body});
                const std::string said = response ? response->body : response.error().detail;
                if (said != body) mine += body + " gave " + said + "; ";
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    for (const std::string& one : wrong)
        CHECK(one.empty());
    CHECK(counter("shikaku_http_connections_total", "", {{"port", "shared"}}).Value() <= 4);
}

TEST_CASE("many calls run at once in one event loop") {
    PlainServer plain;
    const auto client = client_of(plain);
    asio::io_context io(1);
    int good = 0;
    for (int i = 0; i < 100; ++i) {
        asio::co_spawn(io, client->send({.target = "/"}, std::chrono::steady_clock::now() + 10s),
                       [&good](const std::exception_ptr& error, Result<ClientResponse> response) {
                           if (!error && response && response->body == "ok") ++good;
                       });
    }
    io.run();
    CHECK(good == 100);
}

TEST_CASE("a new connection resumes the TLS session of the last") {
    TestPki pki;
    RecordingService service;
    Server server({.name = "resume"}, server_context(pki.server()), service);
    REQUIRE(server.start());
    auto client = Client::make("https://127.0.0.1:" + std::to_string(server.port()),
                               client_context(pki.client()));
    REQUIRE(client);
    // A streamed body always goes over a connection of its own.
    for (int i = 0; i < 3; ++i) {
        const auto response = (*client)->send_and_wait(
            {.method = Method::post, .target = "/upload", .body_pieces = pieces_of(1, "abc")});
        REQUIRE(response);
        CHECK(response->body == "3");
    }
    const auto handshakes = [](const char* result) {
        return counter("shikaku_http_handshakes_total", "",
                       {{"port", "resume"}, {"result", result}})
            .Value();
    };
    CHECK(handshakes("full") == 1);
    CHECK(handshakes("resumed") == 2);
}

}  // namespace shikaku::http::testing
