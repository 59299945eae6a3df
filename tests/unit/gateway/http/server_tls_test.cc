#include <openssl/ssl.h>

#include <catch2/catch.hpp>

#include "gateway/http/client.h"
#include "gateway/support/metrics.h"
#include "tests/unit/gateway/http/http_fixture.h"
#include "tests/unit/gateway/http/raw_tls.h"
#include "tests/unit/gateway/http/test_pki.h"

namespace shikaku::http::testing {

using namespace std::chrono_literals;
using Catch::EndsWith;
using Catch::Matchers::Contains;

namespace {

struct TlsServer {
    explicit TlsServer(const TlsFiles& files, ServerOptions options = {.name = "tls"})
        : server(std::move(options), server_context(files), service) {
        const Status started = server.start();
        REQUIRE(started);
    }
    [[nodiscard]] std::string url() const {
        return "https://127.0.0.1:" + std::to_string(server.port());
    }
    RecordingService service;
    Server server;
};

std::optional<std::string> ask(const TlsServer& server, const TlsFiles& files,
                               const std::string& path = "/") {
    auto client = Client::make(server.url(), client_context(files));
    REQUIRE(client);
    auto response = (*client)->send_and_wait({.target = path});
    if (!response) return std::nullopt;
    return response->body;
}

std::string thumbprint(const TlsFiles& files) {
    const auto certificate = crypto::Certificate::from_pem_file(files.certificate);
    REQUIRE(certificate);
    return to_hex(certificate->sha256);
}

}  // namespace

TEST_CASE("the service sees the client's certificate") {
    TestPki pki;
    TlsServer server(pki.server());
    const TlsFiles client = pki.client();
    CHECK(ask(server, client, "/peer") == thumbprint(client));
}

TEST_CASE("clients without a good certificate cannot connect") {
    TestPki pki;
    TlsServer server(pki.server());
    REQUIRE(ask(server, pki.client()));

    TlsFiles none = pki.client();
    none.certificate.clear();
    CHECK_FALSE(ask(server, none));

    TlsFiles stranger = pki.client("stranger", "other-ca");
    stranger.ca = pki.client().ca;
    CHECK_FALSE(ask(server, stranger));

    CHECK_FALSE(ask(server, pki.client("expired", "ca", -10)));
    CHECK_FALSE(ask(server, pki.server("a-server")));
    CHECK(server.service.served().size() == 1);
}

TEST_CASE("a client refuses a server it does not know or did not ask for") {
    TestPki pki;
    const TlsFiles client = pki.client();
    TlsServer stranger(pki.server("stranger", "other-ca"));
    CHECK_FALSE(ask(stranger, client));
    TlsServer misnamed(pki.server("misnamed", "ca", "DNS:elsewhere.example,IP:127.0.0.2"));
    CHECK_FALSE(ask(misnamed, client));
    TlsServer no_server(pki.client("no-server"));
    CHECK_FALSE(ask(no_server, client));
    CHECK(stranger.service.served().empty());
    CHECK(misnamed.service.served().empty());
}

TEST_CASE("a revoked client is refused, and everyone under a stale CRL") {
    TestPki pki;
    const TlsFiles good = pki.client("good");
    const TlsFiles revoked = pki.client("revoked");
    pki.revoke("revoked");
    TlsFiles files = pki.server();
    files.crl = pki.crl();
    TlsServer server(files);
    CHECK(ask(server, good));
    CHECK_FALSE(ask(server, revoked));

    files.crl = pki.crl(-60);
    TlsServer stale(files);
    CHECK_FALSE(ask(stale, good));
}

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

TEST_CASE("a TLS 1.2 client cannot renegotiate") {
    TestPki pki;
    TlsServer server(pki.server());
    RawTls client(pki.client());
    SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
    REQUIRE(client.connect(server.server.port()));
    SSL_renegotiate(client.ssl());
    CHECK(SSL_do_handshake(client.ssl()) != 1);
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

TEST_CASE("a session resumes with its client's certificate, in both versions") {
    TestPki pki;
    TlsServer server(pki.server());
    const TlsFiles files = pki.client();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        INFO(version);
        RawTls client(files);
        SSL_CTX_set_max_proto_version(client.context(), version);
        REQUIRE(client.connect(server.server.port()));
        CHECK_THAT(client.get("/peer", thumbprint(files)), EndsWith(thumbprint(files)));
        client.keep_session();
        REQUIRE(client.connect(server.server.port()));
        CHECK(SSL_session_reused(client.ssl()) == 1);
        CHECK_THAT(client.get("/peer", thumbprint(files)), EndsWith(thumbprint(files)));
    }
}

TEST_CASE("after a reload the revoked can neither resume, nor connect, nor go on") {
    TestPki pki;
    const TlsFiles good = pki.client("good");
    const TlsFiles bad = pki.client("bad");
    TlsFiles files = pki.server();
    files.crl = pki.crl();
    TlsServer server(files);
    RawTls good_open(good);
    RawTls bad_open(bad);
    RawTls bad_again(bad);
    REQUIRE(good_open.connect(server.server.port()));
    REQUIRE(bad_open.connect(server.server.port()));
    REQUIRE(bad_again.connect(server.server.port()));
    CHECK_THAT(good_open.get("/", "ok"), EndsWith("ok"));
    CHECK_THAT(bad_open.get("/", "ok"), EndsWith("ok"));
    CHECK_THAT(bad_again.get("/", "ok"), EndsWith("ok"));
    bad_again.keep_session();

    pki.revoke("bad");
    files.crl = pki.crl();
    server.server.replace_tls(server_context(files));
    CHECK_THAT(good_open.get("/after", "ok"), EndsWith("ok"));
    CHECK(bad_open.get("/after-revoked", "ok").empty());
    const bool finished = bad_again.connect(server.server.port());
    CHECK((!finished || bad_again.get("/after-revoked", "ok").empty()));
    CHECK(server.service.was_asked("/after"));
    CHECK_FALSE(server.service.was_asked("/after-revoked"));
}

TEST_CASE("requests that arrive in one TLS record are all answered") {
    TestPki pki;
    TlsServer server(pki.server());
    RawTls client(pki.client());
    REQUIRE(client.connect(server.server.port()));
    std::string all;
    for (int i = 0; i < 50; ++i)
        all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    all += "GET /peer HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    CHECK(statuses(client.ask(all, "never")).size() == 51);
    CHECK(server.service.served().size() == 51);
}

TEST_CASE("a body larger than a record, and an answer larger than the socket's buffer") {
    TestPki pki;
    TlsServer server(pki.server());
    auto client = Client::make(server.url(), client_context(pki.client()));
    REQUIRE(client);
    const std::string body(64 * 1024, 'b');
    const auto echo =
        (*client)->send_and_wait({.method = Method::post, .target = "/echo", .body = body});
    REQUIRE(echo);
    CHECK(echo->body == body);
    const auto large = (*client)->send_and_wait({.target = "/large"});
    REQUIRE(large);
    CHECK(large->body.size() == 1024 * 1024);
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

TEST_CASE("files that cannot make a context are told apart") {
    TestPki pki;
    const TlsFiles good = pki.server();
    const auto error_of = [](const TlsFiles& files) {
        const auto made = TlsContext::server(files);
        REQUIRE_FALSE(made);
        return made.error().code;
    };
    TlsFiles files = good;
    files.certificate = good.key;
    CHECK(error_of(files) == ErrorCode::bad_configuration);
    files = good;
    files.key = pki.client().key;
    CHECK(error_of(files) == ErrorCode::bad_key);
    files = good;
    files.key = good.certificate;
    CHECK(error_of(files) == ErrorCode::bad_key);
    files = good;
    files.ca = good.key;
    CHECK(error_of(files) == ErrorCode::bad_configuration);
    files = good;
    files.crl = good.ca;
    CHECK(error_of(files) == ErrorCode::bad_configuration);
    files = good;
    files.crl = "/nonexistent";
    CHECK_FALSE(TlsContext::server(files));
    files = pki.server("open-key");
    std::filesystem::permissions(files.key, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    CHECK(error_of(files) == ErrorCode::bad_key);
}

}  // namespace shikaku::http::testing
