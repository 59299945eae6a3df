#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "gateway/http/client.h"
#include "gateway/http/tls_stream.h"
#include "gateway/support/metrics.h"
#include "tests/unit/gateway/http/http_fixture.h"
#include "tests/unit/gateway/http/raw_tls.h"
#include "tests/unit/gateway/http/test_pki.h"
#include "tests/unit/gateway/http/tls_server.h"

namespace shikaku::http::testing {

using namespace std::chrono_literals;
using Catch::EndsWith;
using Catch::Matchers::Contains;

namespace {

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

// The same certificate, but for its signature: as anybody can make of a key of his own.
TlsFiles forged(TlsFiles files) {
    const std::unique_ptr<BIO, int (*)(BIO*)> in(BIO_new_file(files.certificate.c_str(), "r"),
                                                 BIO_free);
    const std::unique_ptr<X509, void (*)(X509*)> real(
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
    REQUIRE(real);
    Bytes der(static_cast<std::size_t>(i2d_X509(real.get(), nullptr)));
    auto* out = der.data();
    REQUIRE(i2d_X509(real.get(), &out) > 0);
    der.back() ^= 1U;
    const auto* from = der.data();
    const std::unique_ptr<X509, void (*)(X509*)> changed(
        d2i_X509(nullptr, &from, static_cast<long>(der.size())), X509_free);
    REQUIRE(changed);
    files.certificate += ".forged";
    const std::unique_ptr<BIO, int (*)(BIO*)> into(BIO_new_file(files.certificate.c_str(), "w"),
                                                   BIO_free);
    REQUIRE(PEM_write_bio_X509(into.get(), changed.get()) == 1);
    return files;
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

TEST_CASE("a server that was asked for by name must have that name") {
    TestPki pki;
    const auto context = client_context(pki.client());
    asio::io_context io;
    TlsStream::Socket socket(io);
    socket.open(asio::ip::tcp::v4());
    const auto stream =
        TlsStream::connected(std::move(socket), context.get(), "gateway.example", nullptr);
    REQUIRE(stream);
    const char* const name = X509_VERIFY_PARAM_get0_host(SSL_get0_param(stream->tls()), 0);
    REQUIRE(name != nullptr);
    CHECK(std::string_view(name) == "gateway.example");
}

TEST_CASE("a revoked client is refused") {
    TestPki pki;
    const TlsFiles good = pki.client("good");
    const TlsFiles revoked = pki.client("revoked");
    pki.revoke("revoked");
    TlsFiles files = pki.server();
    files.crl = pki.crl();
    TlsServer server(files);
    CHECK(ask(server, good));
    CHECK_FALSE(ask(server, revoked));
}

TEST_CASE("a CRL that would keep out every client is refused instead, with the reason") {
    TestPki pki;
    TlsFiles files = pki.server();
    struct Row {
        std::filesystem::path crl;
        const char* says;
    };
    const std::vector<Row> rows = {
        {pki.crl({.next_update = -60}), "has expired"},
        {pki.crl({.next_update = 0}), "has no nextUpdate"},
        {pki.crl({.this_update = 60}), "is not valid yet"},
        {pki.crl({.signed_by = "other-ca"}), "signature is wrong"},
        {pki.crl({.authority = "other-ca"}), "no list of its own"},
        {pki.crl({.strange = true}), "critical extension"},
        {pki.crl({.scope = "critical,onlyuser:TRUE"}), "is narrowed"},
        {pki.crl({.scope = "critical,onlyCA:TRUE"}), "is narrowed"},
        {pki.crl({.scope = "critical,indirectCRL:TRUE"}), "is narrowed"},
        {pki.crl({.scope = "critical,onlysomereasons:keyCompromise"}), "is narrowed"},
        {pki.crl({.key_id_of = "other-ca"}), "fits no key"},
        {pki.joined({pki.crl(), pki.crl({.key_id_of = "other-ca"})}), "fits no key"},
    };
    for (const Row& row : rows) {
        files.crl = row.crl;
        const auto made = TlsContext::server(files);
        REQUIRE_FALSE(made);
        CHECK(made.error().code == ErrorCode::bad_configuration);
        CHECK_THAT(made.error().detail, Contains(row.says) && Contains(row.crl.string()));
    }
    // Another authority's list beside ours does no harm.
    files.crl = pki.joined({pki.crl({.authority = "other-ca"}), pki.crl()});
    TlsServer server(files);
    CHECK(ask(server, pki.client()));
    // One source's stale list must not keep the gateway from starting: that source is lost alone.
    TlsFiles source = pki.client();
    source.crl = pki.crl({.next_update = -60});
    CHECK(TlsContext::client(source));
    CHECK_FALSE(ask(server, source));
}

TEST_CASE("a CRL in the file of authorities is refused: it would not be looked at") {
    TestPki pki;
    TlsFiles files = pki.server();
    files.ca = pki.joined({files.ca, pki.crl()});
    const auto made = TlsContext::server(files);
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error().detail, Contains("has a CRL in it"));
}

TEST_CASE("authorities that can vouch for nobody, and dates that are past, are refused") {
    TestPki pki;
    const TlsFiles good = pki.server();
    const auto refusal = [](const TlsFiles& files) {
        const auto made = TlsContext::server(files);
        REQUIRE_FALSE(made);
        CHECK(made.error().code == ErrorCode::bad_configuration);
        return made.error().detail;
    };
    TlsFiles files = good;
    files.ca = pki.intermediate("mid");
    CHECK_THAT(refusal(files), Contains("\"CN = mid\" can vouch for nobody"));
    files.ca = pki.joined({good.ca, files.ca});
    CHECK(TlsContext::server(files));
    files.crl = pki.crl();
    CHECK_THAT(refusal(files), Contains("\"CN = mid\": no list of its own"));
    files.crl = pki.joined({pki.crl(), pki.crl({.authority = "mid"})});
    CHECK(TlsContext::server(files));
    const TlsFiles expired = pki.client("expired", "ca", -10);
    files.certificate = expired.certificate;
    files.key = expired.key;
    CHECK_THAT(refusal(files), Contains("has expired"));
}

TEST_CASE("chains that strict checking refuses, and leaves that sign certificates, stay out") {
    TestPki pki;
    TlsServer server(pki.server());
    CHECK_FALSE(ask(server, pki.flawed_client("bare", TestPki::Flaw::no_authority_key_id)));
    CHECK_FALSE(ask(server, pki.flawed_client("signer", TestPki::Flaw::can_sign_certificates)));
    CHECK(server.service.served().empty());
    // An authority's own certificate is told apart above TLS, so that its holder reads why.
    const TlsFiles authority = pki.flawed_client("authority", TestPki::Flaw::authority_itself);
    CHECK(crypto::Certificate::from_pem_file(authority.certificate)->is_authority);
    CHECK_FALSE(crypto::Certificate::from_pem_file(pki.client().certificate)->is_authority);
}

namespace {

// The time that certificates are compared with at each request.
std::atomic<std::time_t> ahead = 0;

ServerOptions with_moved_time(const char* name) {
    ahead = 0;
    return {.name = name, .now = [] { return std::time(nullptr) + ahead; }};
}

double lost(const char* port, const char* why) {
    return counter("shikaku_http_trust_lost_total", "", {{"port", port}, {"why", why}}).Value();
}

}  // namespace

TEST_CASE("an open connection ends with the first of what it rests on, resumed or not") {
    struct Row {
        const char* what;
        long leaf, intermediate, crl, crl_of_intermediate;
    };
    const Row rows[] = {
        {"leaf", 1000, 5000, 5000, 5000},
        {"intermediate", 5000, 1000, 5000, 5000},
        {"CRL of the root", 5000, 5000, 1000, 5000},
        {"CRL of the intermediate", 5000, 5000, 5000, 1000},
    };
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        for (const Row& row : rows) {
            INFO(row.what << " " << version);
            TestPki pki;
            const auto intermediate = pki.intermediate("mid", row.intermediate);
            const TlsFiles client = pki.client("client", "mid", row.leaf);
            TlsFiles files = pki.server();
            const TlsFiles trusting = {
                .certificate = client.certificate, .key = client.key, .ca = files.ca};
            files.ca = pki.joined({files.ca, intermediate});
            files.crl =
                pki.joined({pki.crl({.next_update = row.crl}),
                            pki.crl({.authority = "mid", .next_update = row.crl_of_intermediate})});
            TlsServer server(files, with_moved_time("expiring"));
            const double before = lost("expiring", "expired");

            RawTls open(trusting);
            RawTls again(trusting);
            for (RawTls* one : {&open, &again}) {
                SSL_CTX_set_max_proto_version(one->context(), version);
                REQUIRE(one->connect(server.server.port()));
                CHECK_THAT(one->get("/", "ok"), EndsWith("ok"));
            }
            again.keep_session();
            REQUIRE(again.connect(server.server.port()));
            REQUIRE(SSL_session_reused(again.ssl()) == 1);
            CHECK_THAT(again.get("/", "ok"), EndsWith("ok"));
            again.keep_session();  // of a resumed connection
            REQUIRE(again.connect(server.server.port()));
            REQUIRE(SSL_session_reused(again.ssl()) == 1);

            ahead = 900;
            CHECK_THAT(open.get("/", "ok"), EndsWith("ok"));
            CHECK_THAT(again.get("/", "ok"), EndsWith("ok"));
            ahead = 1100;
            CHECK(statuses(open.get("/expired", "}}")) == std::vector{401});
            CHECK(statuses(again.get("/expired", "}}")) == std::vector{401});
            CHECK_FALSE(server.service.was_asked("/expired"));
            CHECK(lost("expiring", "expired") == before + 2);
        }
    }
}

TEST_CASE("of an authority's lists the latest counts, and an expired one beside it does no harm") {
    TestPki pki;
    TlsFiles files = pki.server();
    files.crl = pki.joined({pki.crl({.next_update = -60}), pki.crl({.next_update = 1000}),
                            pki.crl({.next_update = 3000})});
    TlsServer server(files, with_moved_time("several-lists"));
    RawTls open(pki.client());
    REQUIRE(open.connect(server.server.port()));
    CHECK_THAT(open.get("/", "ok"), EndsWith("ok"));
    ahead = 1500;
    CHECK_THAT(open.get("/", "ok"), EndsWith("ok"));
    CHECK(server.server.trouble().empty());
    ahead = 3500;
    CHECK(server.server.trouble() ==
          "the revocation list of \"CN = ca\" has expired: its clients are refused");
    CHECK_FALSE(open.get("/expired", "ok").ends_with("ok"));
    ahead = 8000;
    CHECK(server.server.trouble() == "the server's own certificate has expired");
}

TEST_CASE("an authority whose list has run out is no trouble of the others") {
    TestPki pki;
    TlsFiles files = pki.server();
    files.ca = pki.joined({files.ca, pki.client("other", "other-ca").ca});
    files.crl = pki.joined(
        {pki.crl({.authority = "other-ca", .next_update = 1000}), pki.crl({.next_update = 3000})});
    const auto context = server_context(files);
    const std::time_t now = std::time(nullptr);
    CHECK(context->trouble(now + 1500).empty());
    CHECK_THAT(context->trouble(now + 3500), Contains("has expired"));
}

TEST_CASE("of a root and its intermediates the first list that runs out is told") {
    TestPki pki;
    TlsFiles files = pki.server();
    const auto root = files.ca;
    const auto intermediate = pki.intermediate("mid");
    files.ca = pki.joined({root, intermediate});
    const std::time_t now = std::time(nullptr);
    const auto trouble_at = [&](long of_root, long of_intermediate, long seconds) {
        files.crl = pki.joined({pki.crl({.next_update = of_root}),
                                pki.crl({.authority = "mid", .next_update = of_intermediate})});
        return server_context(files)->trouble(now + seconds);
    };
    CHECK(trouble_at(1000, 3000, 900).empty());
    CHECK_THAT(trouble_at(1000, 3000, 1500), Contains("\"CN = ca\" has expired"));
    CHECK_THAT(trouble_at(3000, 1000, 1500), Contains("\"CN = mid\" has expired"));
    // An intermediate that has expired itself needs no list.
    files.ca = pki.joined({root, pki.intermediate("old", 1000)});
    files.crl = pki.joined(
        {pki.crl({.next_update = 3000}), pki.crl({.authority = "old", .next_update = 1000})});
    CHECK(server_context(files)->trouble(now + 1500).empty());
    // Another root, whose list holds, goes on.
    files.ca = pki.joined({root, intermediate, pki.client("other", "other-ca").ca});
    files.crl = pki.joined({pki.crl({.next_update = 1000}),
                            pki.crl({.authority = "mid", .next_update = 3000}),
                            pki.crl({.authority = "other-ca", .next_update = 3000})});
    CHECK(server_context(files)->trouble(now + 1500).empty());
    CHECK_THAT(server_context(files)->trouble(now + 3500), Contains("has expired"));
}

TEST_CASE("an authority may change its key under its name, each key with its list") {
    TestPki pki;
    const TlsFiles of_old = pki.client("of-old");
    TlsFiles files = pki.server();
    const auto next = pki.successor("ca-2", "ca");
    const TlsFiles of_new = pki.client("of-new", "ca-2");
    const TlsFiles revoked = pki.client("revoked", "ca-2");
    pki.revoke("revoked");
    const auto root = files.ca;
    files.ca = pki.joined({root, next});
    const auto old_list = pki.crl({.key_id_of = "ca"});
    const auto new_list = pki.crl({.authority = "ca-2", .key_id_of = "ca-2"});
    for (const auto& lists : {pki.joined({old_list, new_list}), pki.joined({new_list, old_list})}) {
        files.crl = lists;
        TlsServer server(files);
        for (TlsFiles client : {of_old, of_new}) {
            client.ca = root;
            CHECK(ask(server, client));
        }
        TlsFiles gone = revoked;
        gone.ca = root;
        CHECK_FALSE(ask(server, gone));
    }
    // Without a list of its own the new key's clients could not be checked.
    files.crl = old_list;
    const auto missing = TlsContext::server(files);
    REQUIRE_FALSE(missing);
    CHECK_THAT(missing.error().detail, Contains("no list of its own"));
    // A list that names no key could be taken for the other one's.
    files.crl = pki.joined({pki.crl(), new_list});
    const auto unclear = TlsContext::server(files);
    REQUIRE_FALSE(unclear);
    CHECK_THAT(unclear.error().detail, Contains("which of its authority's keys"));
}

TEST_CASE("a revoked intermediate ends what it signed, open or resumed, at the reload") {
    TestPki pki;
    const auto intermediate = pki.intermediate("mid");
    const TlsFiles client = pki.client("client", "mid");
    TlsFiles files = pki.server();
    const TlsFiles below = {.certificate = client.certificate, .key = client.key, .ca = files.ca};
    const TlsFiles beside = pki.client("beside");
    const auto root = files.ca;
    files.ca = pki.joined({root, intermediate});
    const auto lists = [&] { return pki.joined({pki.crl(), pki.crl({.authority = "mid"})}); };
    files.crl = lists();
    TlsServer server(files, with_moved_time("intermediate"));
    RawTls open(below);
    RawTls again(below);
    RawTls other(beside);
    for (RawTls* one : {&open, &again, &other}) {
        REQUIRE(one->connect(server.server.port()));
        CHECK_THAT(one->get("/", "ok"), EndsWith("ok"));
    }
    again.keep_session();
    REQUIRE(again.connect(server.server.port()));
    REQUIRE(SSL_session_reused(again.ssl()) == 1);
    CHECK_THAT(again.get("/", "ok"), EndsWith("ok"));

    server.server.replace_tls(server_context(files));  // nothing has changed
    CHECK_THAT(open.get("/", "ok"), EndsWith("ok"));
    CHECK_THAT(again.get("/", "ok"), EndsWith("ok"));

    pki.revoke("mid");
    files.crl = lists();
    server.server.replace_tls(server_context(files));
    CHECK(statuses(open.get("/revoked", "}}")) == std::vector{401});
    CHECK(statuses(again.get("/revoked", "}}")) == std::vector{401});
    CHECK_THAT(other.get("/", "ok"), EndsWith("ok"));
    CHECK(lost("intermediate", "reload") == 2);
    again.keep_session();
    const bool finished = again.connect(server.server.port());
    CHECK((!finished || again.get("/revoked", "ok").empty()));
    CHECK_FALSE(server.service.was_asked("/revoked"));
}

TEST_CASE("a reload gives an open connection the new lists' time") {
    TestPki pki;
    TlsFiles files = pki.server();
    files.crl = pki.crl({.next_update = 1000});
    TlsServer server(files, with_moved_time("renewed"));
    RawTls open(pki.client());
    REQUIRE(open.connect(server.server.port()));
    CHECK_THAT(open.get("/", "ok"), EndsWith("ok"));
    files.crl = pki.crl({.next_update = 2000});
    server.server.replace_tls(server_context(files));
    ahead = 1500;
    CHECK_THAT(open.get("/", "ok"), EndsWith("ok"));
    ahead = 2500;
    CHECK(statuses(open.get("/expired", "}}")) == std::vector{401});
}

TEST_CASE("why a connection ends is told to the service first, and said if that may be") {
    TestPki pki;
    const TlsFiles files = pki.client("short", "ca", 1000);
    TlsServer server(pki.server(), with_moved_time("ending"));
    for (const bool may_say : {false, true}) {
        server.service.may_say_why = may_say;
        ahead = 0;
        RawTls client(files);
        REQUIRE(client.connect(server.server.port()));
        CHECK_THAT(client.get("/", "ok"), EndsWith("ok"));
        ahead = 2000;
        const std::string answer = client.get("/late", "}}");
        CHECK(statuses(answer) == (may_say ? std::vector{401} : std::vector<int>{}));
        CHECK(server.service.served().back() == "ends expired " + thumbprint(files));
    }
    CHECK_FALSE(server.service.was_asked("/late"));
}

TEST_CASE("an answer in pieces is cut when its client's certificate ends") {
    TestPki pki;
    TlsServer server(pki.server(), with_moved_time("pieces"));
    RawTls client(pki.client("short", "ca", 1000));
    REQUIRE(client.connect(server.server.port()));
    server.service.at_second_piece = [] { ahead = 2000; };
    const std::string answer = client.get("/download", "0\r\n\r\n");
    CHECK_THAT(answer, Contains("piece 1;") && !Contains("piece 3;"));
    CHECK_THAT(answer, !EndsWith("0\r\n\r\n"));
    CHECK(lost("pieces", "expired") == 1);
}

TEST_CASE("who TLS refuses is told with the certificate and why; who speaks no TLS is not") {
    TestPki pki;
    const TlsFiles revoked = pki.client("revoked");
    const TlsFiles good = pki.client("good");
    TlsFiles files = pki.server();
    files.crl = pki.crl();
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> told;
    TlsServer server(
        files, {.name = "tls-told", .tls_refused = [&](std::string who, std::string_view why) {
                    const std::lock_guard lock(mutex);
                    told.push_back(who + " " + std::string(why));
                    changed.notify_all();
                }});
    const auto next_told = [&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return !told.empty(); });
        return std::exchange(told, {});
    };
    const auto refusals = [&](const TlsFiles& with) {
        CHECK_FALSE(ask(server, with));
        return next_told();
    };
    const auto about = [](const TlsFiles& with, const std::string& why) {
        return std::vector{"certificate:" + thumbprint(with) + " " + why};
    };
    TlsFiles stranger = pki.client("stranger", "other-ca");
    stranger.ca = good.ca;
    const TlsFiles expired = pki.client("expired", "ca", -10);
    const TlsFiles wrong = pki.server("a-server");
    TlsFiles none = good;
    none.certificate.clear();
    CHECK(refusals(stranger) == std::vector<std::string>{"address:127.0.0.0/24 unknown_ca"});
    CHECK(refusals(expired) == about(expired, "expired"));
    CHECK(refusals(wrong) == about(wrong, "wrong_purpose"));
    CHECK(refusals(forged(expired)) ==
          std::vector<std::string>{"address:127.0.0.0/24 bad_certificate"});
    CHECK(refusals(forged(wrong)) ==
          std::vector<std::string>{"address:127.0.0.0/24 wrong_purpose"});
    CHECK(refusals(none) == std::vector<std::string>{"address:127.0.0.0/24 no_certificate"});
    CHECK(counter("shikaku_tls_refusals_total", "", {{"port", "tls-told"}, {"reason", "expired"}})
              .Value() == 1);

    // What speaks no TLS asked for nothing; the next one told is the next one refused.
    CHECK(ask(server.server.port(), "GET / HTTP/1.1\r\n\r\n").find("HTTP/1.1") ==
          std::string::npos);
    CHECK(ask(server, good));
    CHECK(refusals(expired) == about(expired, "expired"));

    // An open connection whose certificate a reload revokes.
    auto client = Client::make(server.url(), client_context(revoked));
    REQUIRE(client);
    REQUIRE((*client)->send_and_wait({.target = "/"}));
    pki.revoke("revoked");
    files.crl = pki.crl();
    server.server.replace_tls(server_context(files));
    const auto after = (*client)->send_and_wait({.target = "/"});
    // Its end is the service's to tell; reconnecting, it is refused as a newcomer.
    CHECK(server.service.was_asked("ends revoked " + thumbprint(revoked)));
    if (!after || after->status != 401) CHECK(next_told() == about(revoked, "revoked"));
}

TEST_CASE("an upload ends when its client's certificate does") {
    TestPki pki;
    TlsServer server(pki.server(), with_moved_time("upload-expiring"));
    RawTls client(pki.client("short", "ca", 1000));
    REQUIRE(client.connect(server.server.port()));
    CHECK_THAT(client.get("/", "ok"), EndsWith("ok"));
    const std::string begun = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx";
    SSL_write(client.ssl(), begun.data(), static_cast<int>(begun.size()));
    while (!server.service.was_asked("/upload"))
        std::this_thread::yield();
    ahead = 2000;
    const std::string rest(99, 'x');
    std::string answer;
    // The piece under way may still be taken; not the one after it.
    SSL_write(client.ssl(), rest.data(), 49);
    answer = client.ask(rest.substr(49, 49), "required");
    CHECK(statuses(answer) == std::vector{401});
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
    CHECK(statuses(bad_open.get("/after-revoked", "}}")) == std::vector{401});
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
