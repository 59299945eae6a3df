// A server that answers with bytes no honest server sends.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "gateway/http/client.h"
#include "gateway/support/bounds.h"
#include "tests/unit/gateway/http/test_pki.h"

namespace shikaku::http::testing {

using namespace std::chrono_literals;

namespace {

struct Listener {
    Listener() : descriptor(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(descriptor, 16) == 0);
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
    }
    ~Listener() { ::close(descriptor); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    const int descriptor;
    std::uint16_t port = 0;
};

// Does with one connection as it likes, then closes it.
class WilfulServer {
  public:
    explicit WilfulServer(std::function<void(int)> what)
        : thread_([this, what = std::move(what)] {
              const int connection = ::accept(listener_.descriptor, nullptr, nullptr);
              if (connection < 0) return;
              what(connection);
              ::close(connection);
          }) {}
    ~WilfulServer() {
        ::shutdown(listener_.descriptor, SHUT_RDWR);
        thread_.join();
    }
    WilfulServer(const WilfulServer&) = delete;
    WilfulServer& operator=(const WilfulServer&) = delete;

    [[nodiscard]] std::string authority() const {
        return "127.0.0.1:" + std::to_string(listener_.port);
    }

  private:
    Listener listener_;
    std::thread thread_;
};

// Answers each connection's requests with the next texts of its script, then closes it.
class ScriptedServer {
  public:
    explicit ScriptedServer(std::vector<std::vector<std::string>> script)
        : script_(std::move(script)), thread_([this] { run(); }) {}
    ~ScriptedServer() {
        ::shutdown(listener_.descriptor, SHUT_RDWR);
        thread_.join();
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] std::unique_ptr<Client> client() const {
        auto made = Client::make("http://127.0.0.1:" + std::to_string(listener_.port), nullptr);
        REQUIRE(made);
        return std::move(*made);
    }

  private:
    void run() {
        for (const auto& answers : script_) {
            const int connection = ::accept(listener_.descriptor, nullptr, nullptr);
            if (connection < 0) return;
            for (const std::string& answer : answers) {
                if (!read_request(connection)) break;
                ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
            }
            ::shutdown(connection, SHUT_WR);
            char byte = 0;
            while (::recv(connection, &byte, 1, 0) > 0) {
            }
            ::close(connection);
        }
    }

    static bool read_request(int connection) {
        std::string request;
        char byte = 0;
        while (!request.ends_with("\r\n\r\n")) {
            if (::recv(connection, &byte, 1, 0) != 1) return false;
            request += byte;
        }
        return true;
    }

    Listener listener_;
    std::vector<std::vector<std::string>> script_;
    std::thread thread_;
};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::optional<ErrorCode> error_after(const std::string& answer) {
    const ScriptedServer server({{answer}});
    const auto response = server.client()->send_and_wait({.response_bytes_max = 1000}, 10s);
    if (response) return std::nullopt;
    return response.error().code;
}

}  // namespace

TEST_CASE("answers whose end could be read in two ways are malformed") {
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (std::size_t i = 0; i <= bounds::kHeaderFields; ++i)
        many += "X: 1\r\n";
    std::string interim;
    for (int i = 0; i <= bounds::kInformationalResponses; ++i)
        interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string te = "Transfer-Encoding: chunked\r\n";
    const std::string rows[] = {
        "hello\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "\r\n" + kOk,
        ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        ok + "Content-Length: 2, 2\r\n\r\nok",
        ok + "Content-Length: -1\r\n\r\n",
        ok + "Content-Length: +2\r\n\r\nok",
        ok + "Content-Length: 1001\r\n\r\n",
        ok + "Content-Length: 99999999999999999999\r\n\r\n",
        ok + "Content-Length: 3\r\n\r\nok",
        ok + te + "Content-Length: 2\r\n\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: gzip\r\n\r\n",
        ok + te + te + "\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\n" + te + "\r\n0\r\n\r\n",
        ok + te + "\r\nz\r\n",
        ok + te + "\r\n2\r\nok\r\n",
        ok + te + "\r\n3e9\r\n",
        ok + te + "\r\n2\nok\r\n0\r\n\r\n",
        ok + "X: a\r\n folded\r\n\r\n",
        ok + "X : a\r\n\r\n",
        ok + "X: \x01\r\n\r\n",
        ok + "X: " + std::string(9000, 'x') + "\r\n\r\n",
        many + "\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        interim + kOk,
        ok + "\r\n" + std::string(1001, 'x'),
    };
    for (const std::string& row : rows) {
        INFO(row);
        CHECK(error_after(row) == ErrorCode::source_malformed);
    }
}

TEST_CASE("a handshake of messages that say nothing ends: OpenSSL would read on in one call") {
    TestPki pki;
    constexpr int kMany = 20'000;
    std::atomic<int> sent = 0;
    // HelloRequest, which a TLS 1.2 client ignores while it waits for a ServerHello.
    const std::string record = std::string("\x16\x03\x03\x40\x00", 5) + std::string(16'384, '\0');
    const WilfulServer server([&](int connection) {
        while (sent < kMany && ::send(connection, record.data(), record.size(), MSG_NOSIGNAL) > 0)
            ++sent;
    });
    auto tls = TlsContext::client(pki.client());
    REQUIRE(tls);
    auto client = Client::make("https://" + server.authority(), *tls);
    REQUIRE(client);
    const auto response = (*client)->send_and_wait({}, 60s);
    REQUIRE_FALSE(response);
    CHECK_THAT(response.error().detail, Catch::Matchers::Contains("messages without end"));
    CHECK(sent < kMany);
}

TEST_CASE("answers that are unusual but clear are read") {
    for (const std::string& row :
         {kOk, "HTTP/1.1 100 Continue\r\n\r\n" + kOk, std::string("HTTP/1.0 200 OK\r\n\r\nok"),
          std::string("HTTP/1.1 204 No Content\r\n\r\n"), std::string("HTTP/1.1 200 \r\n\r\n"),
          std::string("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")}) {
        INFO(row);
        CHECK_FALSE(error_after(row));
    }
}

TEST_CASE("a connection that ends before any answer is io_failed") {
    CHECK(error_after("") == ErrorCode::io_failed);
    CHECK(error_after("HTTP/1.1 200 OK\r\n") == ErrorCode::io_failed);
}

TEST_CASE("a kept connection that the server closed is replaced, once and unnoticed") {
    // The second request reaches a server that reads it and closes; the third connection answers.
    const ScriptedServer server({{kOk, ""}, {kOk}});
    const auto client = server.client();
    REQUIRE(client->send_and_wait({}));
    const auto again = client->send_and_wait({});
    REQUIRE(again);
    CHECK(again->body == "ok");
}

TEST_CASE("a request that was half answered is not sent again") {
    const ScriptedServer server({{kOk, "HTTP/1.1 200 OK\r\nContent-"}, {kOk}});
    const auto client = server.client();
    REQUIRE(client->send_and_wait({}));
    CHECK_FALSE(client->send_and_wait({}));
    CHECK(client->send_and_wait({}));
}

TEST_CASE("a connection with bytes nobody asked for is not used again") {
    const ScriptedServer server({{kOk + kOk}, {kOk}});
    const auto client = server.client();
    REQUIRE(client->send_and_wait({}));
    CHECK(client->send_and_wait({})->body == "ok");
}

}  // namespace shikaku::http::testing
