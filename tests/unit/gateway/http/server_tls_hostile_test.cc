// What a client may do beneath HTTP with bytes of its choice: versions, hellos, records, messages
// without end.
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <thread>

#include "gateway/support/metrics.h"
#include "tests/unit/gateway/http/http_fixture.h"
#include "tests/unit/gateway/http/raw_tls.h"
#include "tests/unit/gateway/http/test_pki.h"
#include "tests/unit/gateway/http/tls_server.h"

namespace shikaku::http::testing {

using namespace std::chrono_literals;
using Catch::EndsWith;

TEST_CASE("only TLS 1.3, and 1.2 with ECDHE and AEAD, are spoken") {
    TestPki pki;
    TlsServer server(pki.server());
    const TlsFiles files = pki.client();
    struct Row {
        int version;
        const char* ciphers;
        bool accepted;
    };
    const Row rows[] = {
        {TLS1_VERSION, "ALL", false},
        {TLS1_1_VERSION, "ALL", false},
        {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", true},
        {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", true},
        {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", false},
        {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA", false},
        {TLS1_2_VERSION, "AES128-GCM-SHA256", false},
        {TLS1_2_VERSION, "DHE-RSA-AES128-GCM-SHA256", false},
        {TLS1_3_VERSION, "ALL", true},
    };
    for (const Row& row : rows) {
        INFO(row.version << " " << row.ciphers);
        RawTls client(files);
        SSL_CTX_set_min_proto_version(client.context(), row.version);
        SSL_CTX_set_max_proto_version(client.context(), row.version);
        SSL_CTX_set_cipher_list(client.context(), row.ciphers);
        CHECK(client.connect(server.server.port()) == row.accepted);
        if (row.accepted) CHECK_THAT(client.get("/", "ok"), EndsWith("ok"));
    }
}

TEST_CASE("no older version is spoken, whatever the system's own policy and our ciphers allow") {
    TestPki pki;
    const auto context = server_context(pki.server());
    CHECK(SSL_CTX_get_min_proto_version(context->native()) == TLS1_2_VERSION);
}

TEST_CASE("a TLS 1.2 client cannot renegotiate") {
    TestPki pki;
    TlsServer server(pki.server());
    RawTls client(pki.client());
    SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
    REQUIRE(client.connect(server.server.port()));
    SSL_renegotiate(client.ssl());
    CHECK(SSL_do_handshake(client.ssl()) != 1);
}

namespace {

// What a TLS 1.2 client sends behind its handshake, sealed by hand (AES-128-GCM, RFC 5288), so that
// it may be what no library would send.
class HandMade {
  public:
    explicit HandMade(RawTls& client) : client_(client) {
        std::array<unsigned char, 48> master{};
        SSL_SESSION_get_master_key(SSL_get_session(client.ssl()), master.data(), master.size());
        std::array<unsigned char, 64> randoms{};
        SSL_get_server_random(client.ssl(), randoms.data(), 32);
        SSL_get_client_random(client.ssl(), randoms.data() + 32, 32);
        std::array<unsigned char, 40> block{};  // two keys, two salts
        std::string digest = "SHA256";
        std::string label = "key expansion";
        const std::array<OSSL_PARAM, 5> parameters = {
            OSSL_PARAM_construct_utf8_string("digest", digest.data(), 0),
            OSSL_PARAM_construct_octet_string("secret", master.data(), master.size()),
            OSSL_PARAM_construct_octet_string("seed", label.data(), label.size()),
            OSSL_PARAM_construct_octet_string("seed", randoms.data(), randoms.size()),
            OSSL_PARAM_construct_end()};
        EVP_KDF* prf = EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr);
        EVP_KDF_CTX* context = EVP_KDF_CTX_new(prf);
        REQUIRE(EVP_KDF_derive(context, block.data(), block.size(), parameters.data()) == 1);
        EVP_KDF_CTX_free(context);
        EVP_KDF_free(prf);
        std::copy_n(block.begin(), key_.size(), key_.begin());
        std::copy_n(block.begin() + 32, 4, nonce_.begin());
    }
    bool send(unsigned char type, const std::string& content) {
        ++number_;  // Finished was the first
        std::array<unsigned char, 13> head{};
        for (std::size_t i = 0; i < 8; ++i)
            head[i] = nonce_[4 + i] = static_cast<unsigned char>(number_ >> (56 - 8 * i));
        head[8] = type;
        head[9] = head[10] = 3;
        head[12] = static_cast<unsigned char>(content.size());
        std::string record{static_cast<char>(type), 3, 3, 0,
                           static_cast<char>(content.size() + 8 + 16)};
        record.append(reinterpret_cast<const char*>(nonce_.data()) + 4, 8);
        const std::size_t sealed = record.size();
        record.resize(sealed + content.size() + 16);
        auto* out = reinterpret_cast<unsigned char*>(record.data()) + sealed;
        EVP_CIPHER_CTX* gcm = EVP_CIPHER_CTX_new();
        int n = 0;
        EVP_EncryptInit_ex(gcm, EVP_aes_128_gcm(), nullptr, key_.data(), nonce_.data());
        EVP_EncryptUpdate(gcm, nullptr, &n, head.data(), head.size());
        EVP_EncryptUpdate(gcm, out, &n, reinterpret_cast<const unsigned char*>(content.data()),
                          static_cast<int>(content.size()));
        EVP_EncryptFinal_ex(gcm, out + n, &n);
        EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, 16, out + content.size());
        EVP_CIPHER_CTX_free(gcm);
        return ::send(SSL_get_fd(client_.ssl()), record.data(), record.size(), MSG_NOSIGNAL) > 0;
    }

  private:
    RawTls& client_;
    std::array<unsigned char, 16> key_{};
    std::array<unsigned char, 12> nonce_{};
    std::uint64_t number_ = 0;
};

}  // namespace

TEST_CASE("a TLS 1.2 client that asks to renegotiate again and again is cut") {
    TestPki pki;
    TlsServer server(pki.server());
    RawTls client(pki.client());
    SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(client.context(), "ECDHE-ECDSA-AES128-GCM-SHA256");
    REQUIRE(client.connect(server.server.port()));
    HandMade hand_made(client);
    constexpr unsigned char kHandshake = 22, kData = 23;
    const std::string empty_hello("\x01\x00\x00\x00", 4);
    // A few are refused, and the connection goes on.
    for (int i = 0; i < 5; ++i)
        REQUIRE(hand_made.send(kHandshake, empty_hello));
    REQUIRE(hand_made.send(kData, "GET /few HTTP/1.1\r\nHost: a\r\n\r\n"));
    while (!server.service.was_asked("/few"))
        std::this_thread::yield();
    for (int i = 0; i < 1000; ++i)
        static_cast<void>(hand_made.send(kHandshake, empty_hello));
    static_cast<void>(hand_made.send(kData, "GET /many HTTP/1.1\r\nHost: a\r\n\r\n"));
    while (server.server.connections() > 0)
        std::this_thread::yield();
    CHECK_FALSE(server.service.was_asked("/many"));
}

TEST_CASE("keys and signatures below 112 bits are not used, early data is not taken") {
    TestPki pki;
    const auto context = server_context(pki.server());
    CHECK(SSL_CTX_get_security_level(context->native()) == 2);
    CHECK(SSL_CTX_get_max_early_data(context->native()) == 0);
    CHECK(SSL_CTX_get_security_level(client_context(pki.client())->native()) == 2);
}

TEST_CASE("a body in records of a byte is cut, unless it is a short one") {
    TestPki pki;
    TlsServer server(pki.server());
    const auto post = [&](std::size_t bytes) {
        RawTls client(pki.client());
        REQUIRE(client.connect(server.server.port()));
        const std::string head =
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) +
            "\r\n\r\n";
        SSL_write(client.ssl(), head.data(), static_cast<int>(head.size()));
        std::size_t sent = 0;
        while (sent < bytes && SSL_write(client.ssl(), "x", 1) == 1)
            ++sent;
        return client.read(std::string(std::min<std::size_t>(bytes, 100), 'x'));
    };
    CHECK(statuses(post(2000)) == std::vector{200});
    CHECK(statuses(post(20'000)).empty());
}

TEST_CASE("key updates without end cut the connection, a few between requests do not") {
    TestPki pki;
    TlsServer server(pki.server());
    RawTls client(pki.client());
    REQUIRE(client.connect(server.server.port()));
    const auto update = [&client] {
        return SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
               SSL_do_handshake(client.ssl()) == 1;
    };
    for (int request = 0; request < 5; ++request) {
        for (int i = 0; i < 20; ++i)
            REQUIRE(update());
        CHECK_THAT(client.get("/", "ok"), EndsWith("ok"));
    }
    constexpr int kMany = 500'000;  // 11 MB: more than the sockets hold
    int sent = 0;
    while (sent < kMany && update())
        ++sent;
    CHECK(sent < kMany);
    CHECK(client.get("/after", "ok").empty());
    CHECK_FALSE(server.service.was_asked("/after"));
}

TEST_CASE("parts of a TLS record do not make an idle connection younger") {
    TestPki pki;
    TlsServer server(pki.server(), {.name = "tls-idle", .times = {.idle = 50ms}});
    const auto timeouts = [] {
        return counter("shikaku_http_timeouts_total", "", {{"port", "tls-idle"}, {"phase", "idle"}})
            .Value();
    };
    RawTls client(pki.client());
    REQUIRE(client.connect(server.server.port()));
    CHECK_THAT(client.get("/", "ok"), EndsWith("ok"));
    const int descriptor = SSL_get_fd(client.ssl());
    ::send(descriptor, "\x17\x03\x03\x40\x00", 5, MSG_NOSIGNAL);
    pollfd closed{.fd = descriptor, .events = POLLRDHUP, .revents = 0};
    while (::poll(&closed, 1, 5) == 0 && ::send(descriptor, "x", 1, MSG_NOSIGNAL) == 1) {
    }
    CHECK(timeouts() == 1);
}

namespace {

// The first bytes of a client that can do with the server's second group only, so that the server
// asks for another hello.
std::string hello_to_be_asked_again() {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set1_groups_list(context.get(), "P-521:P-256");
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
    SSL_connect(ssl.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("a ClientHello that announces too much is refused before there is room for it") {
    TestPki pki;
    TlsServer server(pki.server(), {.name = "hello", .times = {.handshake = 10min}});
    const auto hello = [&](std::string_view head) {
        RawClient client(server.server.port());
        client.send(head);
        return client.read_to_end();
    };
    using namespace std::string_view_literals;
    CHECK(hello("\x16\x03\x01\x40\x00\x01\x01\x00\x00"sv).empty());
    CHECK(hello("\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x03\x01\x00\x00"sv).empty());
    CHECK(hello("\x15\x03\x01\x00\x02\x01\x5a\x16\x03\x01\x40\x00\x01\x01\x00\x00"sv).empty());
}

TEST_CASE("a second ClientHello, after a retry, is bounded as the first is") {
    using namespace std::string_view_literals;
    constexpr auto kLong = "\x14\x03\x03\x00\x01\x01\x16\x03\x03\x40\x00\x01\x01\x00\x00"sv;
    constexpr auto kRetry = "\x14\x03\x03\x00\x01\x01"sv;  // what ends the server's answer
    TestPki pki;
    TlsServer server(pki.server(), {.name = "second-hello", .times = {.handshake = 10min}});
    const std::string first = hello_to_be_asked_again();
    RawClient client(server.server.port());
    client.send(first);
    CHECK_THAT(client.read_until(kRetry), EndsWith(std::string(kRetry)));
    client.send(kLong);
    CHECK(client.read_to_end().empty());

    RawClient in_a_hurry(server.server.port());
    in_a_hurry.send(first + std::string(kLong));
    CHECK_THAT(in_a_hurry.read_until(kRetry), EndsWith(std::string(kRetry)));
    in_a_hurry.send("x");
    CHECK(in_a_hurry.read_to_end().empty());

    RawTls usual(pki.client());
    SSL_CTX_set1_groups_list(usual.context(), "P-521:P-256");
    REQUIRE(usual.connect(server.server.port()));
    CHECK_THAT(usual.get("/", "ok"), EndsWith("ok"));
}

TEST_CASE("a client that shows too many certificates is refused, one with a usual chain is not") {
    TestPki pki;
    TlsServer server(pki.server());
    const auto intermediate = pki.intermediate("mid");
    const auto connects_with = [&](std::size_t beside_its_own) {
        TlsFiles files = pki.client();
        std::vector<std::filesystem::path> shown(beside_its_own, intermediate);
        shown.insert(shown.begin(), files.certificate);
        files.certificate = pki.joined(shown);
        RawTls client(files);
        return client.connect(server.server.port()) && client.get("/", "ok").ends_with("ok");
    };
    CHECK(connects_with(3));
    CHECK_FALSE(connects_with(60));  // 25 KB
}

TEST_CASE("ALPN: http/1.1 is chosen, a client that speaks only h2 is refused") {
    TestPki pki;
    TlsServer server(pki.server());
    const auto offer = [](RawTls& client, std::string_view protocols) {
        SSL_CTX_set_alpn_protos(client.context(),
                                reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size()));
    };
    RawTls both(pki.client());
    offer(both, "\x02h2\x08http/1.1");
    REQUIRE(both.connect(server.server.port()));
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(both.ssl(), &chosen, &size);
    CHECK(std::string_view(reinterpret_cast<const char*>(chosen), size) == "http/1.1");
    RawTls only_h2(pki.client());
    offer(only_h2, "\x02h2");
    CHECK_FALSE(only_h2.connect(server.server.port()));
}

TEST_CASE("what is no TLS is closed, and leaves nothing behind") {
    TestPki pki;
    TlsServer server(pki.server(), {.name = "no-tls", .times = {.linger = 20ms}});
    for (const std::string& bytes :
         {std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), std::string(5000, '\0'),
          std::string("\x16\x03\x01\xff\xff") + std::string(5000, 'x'), std::string()}) {
        CHECK(statuses(testing::ask(server.server.port(), bytes)).empty());
    }
    CHECK(server.service.served().empty());
    server.server.drain();
    CHECK(server.server.connections() == 0);
}

TEST_CASE("a handshake that is cut at any byte leaves nothing behind") {
    TestPki pki;
    TlsServer server(pki.server());
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* ssl = SSL_new(context);
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    SSL_connect(ssl);
    char* hello = nullptr;
    const long size = BIO_get_mem_data(out, &hello);
    REQUIRE(size > 100);
    for (long n = 0; n <= size; n += 5) {
        RawClient client(server.server.port());
        client.send({hello, static_cast<std::size_t>(n)});
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    server.server.drain();
    CHECK(server.server.connections() == 0);
}

TEST_CASE("a handshake that does not begin ends at its deadline") {
    TestPki pki;
    TlsServer server(pki.server(), {.name = "slow-tls", .times = {.handshake = 20ms}});
    RawClient silent(server.server.port());
    CHECK(silent.read_to_end().empty());
    CHECK(counter("shikaku_http_timeouts_total", "", {{"port", "slow-tls"}, {"phase", "handshake"}})
              .Value() == 1);
}

}  // namespace shikaku::http::testing
