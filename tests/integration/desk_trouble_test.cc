// shikaku-desk when the gateway does not answer: in time it says to go on with paper, to end or
// delete nothing, and whom to call; it blames nobody who has no part in it.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include "gateway/support/bounds.h"
#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/http/test_pki.h"

namespace {

using namespace shikaku;
using TestPki = http::testing::TestPki;

// With a header and claims as a real one has them.
const std::string kToken =
    "eyJ0eXAiOiJjYXJkK2p3dCIsImFsZyI6IlJTMjU2Iiwia2lkIjoiayJ9."
    "eyJpc3MiOiJodHRwczovL2NhcmQtaXNzdWVyLnNoaWtha3UuZXhhbXBsZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ";
const std::string kSupport = "03-1234-5678 (夜間も)";

std::string answer(const std::string& status, const std::string& type, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// In the gateway's place.
class StandIn {
  public:
    enum class After { close, silence, reset };
    struct Play {
        const http::TlsFiles* tls = nullptr;  // none: it does not speak TLS
        bool listens = true;
        bool accepts = true;
        std::string says{};  // after the request; nothing: it does not even read
        After after = After::close;
    };

    explicit StandIn(const Play& play)
        : play_(play), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        if (!play.listens) return;
        REQUIRE(::listen(listener_, 16) == 0);
        if (play.tls != nullptr) context_ = http::testing::server_context(*play.tls);
        if (play.accepts) thread_ = std::thread([this] { run(); });
    }
    ~StandIn() {
        stop();
        ::close(listener_);
    }
    StandIn(const StandIn&) = delete;
    StandIn& operator=(const StandIn&) = delete;

    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
    // The token of the question that came last, when the program is done.
    [[nodiscard]] std::string token() {
        stop();
        const auto body = parse_json(request_.substr(request_.find("\r\n\r\n") + 4));
        REQUIRE(body);
        return body->at("card_token").get<std::string>();
    }

  private:
    void stop() {
        ::shutdown(listener_, SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
    }
    void run() {
        for (;;) {
            const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (connection < 0) return;
            serve(connection);
        }
    }
    void serve(int connection) {
        if (play_.after == After::reset) {
            const linger now{.l_onoff = 1, .l_linger = 0};
            ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        } else {
            if (context_) speak(connection);
            if (play_.after == After::close) ::shutdown(connection, SHUT_WR);
            char byte = 0;
            while (::recv(connection, &byte, 1, 0) > 0) {
            }
        }
        ::close(connection);
    }
    void speak(int connection) {
        SSL* ssl = SSL_new(context_->native());
        SSL_set_fd(ssl, connection);
        int accepted = SSL_accept(ssl);
        if (SSL_get_error(ssl, accepted) == SSL_ERROR_WANT_X509_LOOKUP)
            accepted = SSL_accept(ssl);  // our contexts stop once where a server counts handshakes
        if (accepted == 1 && !play_.says.empty()) {
            read_request(ssl);
            SSL_write(ssl, play_.says.data(), static_cast<int>(play_.says.size()));
            if (play_.after == After::close) SSL_shutdown(ssl);
        }
        SSL_free(ssl);
    }
    void read_request(SSL* ssl) {
        request_.clear();
        char byte = 0;
        const auto complete = [this] {
            return request_.ends_with("}") || request_.ends_with("}\n") ||
                   (request_.starts_with("HEAD") && request_.ends_with("\r\n\r\n"));
        };
        while (!complete() && SSL_read(ssl, &byte, 1) == 1)
            request_ += byte;
    }

    const Play play_;
    int listener_;
    std::uint16_t port_ = 0;
    std::shared_ptr<http::TlsContext> context_;
    std::string request_;
    std::thread thread_;
};

struct Desk {
    TestPki pki;
    shikaku::testing::TemporaryFolder folder;
    http::TlsFiles client = pki.client();
    http::TlsFiles gateway = pki.server();

    Desk() { std::ofstream(folder.path() / "token") << kToken << "\r\n"; }

    [[nodiscard]] std::vector<std::string> command(const std::string& url,
                                                   const http::TlsFiles& as) const {
        return {test::program("shikaku-desk"),
                "check",
                "--url",
                url,
                "--ca",
                as.ca.string(),
                "--cert",
                as.certificate.string(),
                "--key",
                as.key.string(),
                "--support",
                kSupport};
    }
    [[nodiscard]] std::vector<std::string> check(const std::string& url,
                                                 const http::TlsFiles& as) const {
        auto arguments = command(url, as);
        arguments.insert(arguments.end(), {"--token", (folder.path() / "token").string()});
        return arguments;
    }
};

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// What everybody at a desk has to read, and what nobody may.
void check_words(const std::string& said) {
    CHECK(has(said, "受給者証で受け付け"));
    CHECK(has(said, "登録済みの公費は終了・削除しないでください"));
    CHECK(has(said, "paper certificate"));
    CHECK(has(said, "Do not end or delete what is registered"));
    CHECK(has(said, kSupport));
    for (const char* wrong : {"自治体", "authority", "municipal", "空き容量", "disk space"}) {
        INFO(wrong);
        CHECK_FALSE(has(said, wrong));
    }
    CHECK_FALSE(has(said, "eyJ"));
}

struct Row {
    std::string_view situation;
    std::string_view said;  // the code, or what must stand in the text
    StandIn::Play play{};
    const http::TlsFiles* as = nullptr;
    std::string url{};  // else the stand-in's
};

TEST_CASE_METHOD(Desk,
                 "a desk whose gateway gives no answer is told paper, nothing to end, a number") {
    STATIC_REQUIRE(bounds::kDeskPatience < std::chrono::seconds(5));
    using After = StandIn::After;
    http::TlsFiles strict = gateway;
    const http::TlsFiles expired = pki.client("expired", "ca", -60);
    const http::TlsFiles revoked = pki.client("revoked");
    http::TlsFiles strange = pki.client("strange", "strange-ca");
    strange.ca = client.ca;
    pki.revoke("revoked");
    strict.crl = pki.crl();
    const http::TlsFiles impostor = pki.server("impostor", "strange-ca");
    http::TlsFiles lured = gateway;
    lured = pki.server("elsewhere", "ca", "DNS:elsewhere.example,IP:192.0.2.1");
    http::TlsFiles impostor_here = impostor;
    impostor_here.ca = gateway.ca;

    const std::string html = "<html><body>Please log in " + kToken + "</body></html>";
    const std::string half =
        answer("200 OK", "application/json", std::string(100, ' ')).substr(0, 120);
    const Json problem{
        {"code", "overloaded"}, {"title", "busy"}, {"status", 503}, {"detail", "no room"}};
    const std::string busy =
        answer("503 Service Unavailable", "application/problem+json", problem.dump());
    const std::string unheard_of =
        answer("503 Service Unavailable", "application/problem+json", R"({"code":"quite_new"})");

    const std::vector<Row> rows{
        {"nobody listens", "gateway_unreachable", {.listens = false}},
        {"the name is unknown",
         "gateway_unreachable",
         {.listens = false},
         nullptr,
         "https://no-such-host.invalid:8443"},
        {"reset", "gateway_unreachable", {.after = After::reset}},
        {"closed at once", "gateway_unreachable", {.after = After::close}},
        {"frozen", "gateway_silent", {.accepts = false}},
        {"accepted, and not a word", "gateway_silent", {.after = After::silence}},
        {"TLS, and then not a word", "gateway_silent", {.tls = &gateway, .after = After::silence}},
        {"half a body, then silence",
         "gateway_silent",
         {.tls = &gateway, .says = half, .after = After::silence}},
        {"half a body, then the end", "answer_unreadable", {.tls = &gateway, .says = half}},
        {"no HTTP", "answer_unreadable", {.tls = &gateway, .says = "SSH-2.0-OpenSSH_9.2\r\n\r\n"}},
        {"another CA's server", "gateway_not_trusted", {.tls = &impostor_here}},
        {"a server of another name", "gateway_not_trusted", {.tls = &lured}},
        {"our certificate has expired", "certificate_refused", {.tls = &strict}, &expired},
        {"our certificate was revoked", "certificate_refused", {.tls = &strict}, &revoked},
        {"our certificate is another CA's", "certificate_refused", {.tls = &strict}, &strange},
        {"a proxy's error",
         "HTTP 502, text/html",
         {.tls = &gateway, .says = answer("502 Bad Gateway", "text/html", html)}},
        {"a login page",
         "HTTP 200, text/html",
         {.tls = &gateway, .says = answer("200 OK", "text/html; charset=utf-8", html)}},
        {"the way to a login page",
         "answer_unreadable",
         {.tls = &gateway, .says = answer("302 Found", kToken, "")}},
        {"a login page that claims to be JSON",
         "answer_unreadable",
         {.tls = &gateway, .says = answer("200 OK", "application/json", html)}},
        {"JSON of something else",
         "answer_unreadable",
         {.tls = &gateway, .says = answer("200 OK", "application/json", R"({"ok":true})")}},
        {"somebody else's problem",
         "answer_unreadable",
         {.tls = &gateway, .says = answer("403 Forbidden", "application/problem+json", "{}")}},
        {"the gateway is busy", "overloaded", {.tls = &gateway, .says = busy}},
        {"a problem we do not know", "quite_new", {.tls = &gateway, .says = unheard_of}},
    };

    // All at once: those that hear nothing wait for as long as a desk is kept waiting.
    std::vector<std::unique_ptr<StandIn>> stand_ins;
    std::vector<std::unique_ptr<test::Process>> desks;
    for (const Row& row : rows) {
        stand_ins.push_back(std::make_unique<StandIn>(row.play));
        const std::string url = row.url.empty() ? stand_ins.back()->url() : row.url;
        desks.push_back(
            std::make_unique<test::Process>(check(url, row.as == nullptr ? client : *row.as),
                                            folder.path() / std::to_string(desks.size())));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const int exit_code = desks[i]->wait();
        const std::string said = read(folder.path() / std::to_string(i));
        INFO(rows[i].situation << "\n" << said);
        CHECK(exit_code == 3);
        CHECK(has(said, rows[i].said));
        check_words(said);
    }
}

TEST_CASE_METHOD(Desk, "a batch is told the same, and a login page is no line of answers") {
    std::ofstream(folder.path() / "questions") << R"({"card_token":"a.b.c"})" << "\n";
    const auto batch = [&](const StandIn::Play& play) {
        StandIn stand_in(play);
        auto arguments = command(stand_in.url(), client);
        arguments[1] = "batch";
        arguments.push_back((folder.path() / "questions").string());
        return test::run(arguments);
    };
    for (const auto& [play, code] : std::vector<std::pair<StandIn::Play, std::string_view>>{
             {{.listens = false}, "gateway_unreachable"},
             {{.accepts = false}, "gateway_silent"},
             {{.tls = &gateway, .says = answer("200 OK", "text/html", "<p>log in</p>\n")},
              "HTTP 200, text/html"}}) {
        const auto finished = batch(play);
        INFO(finished.output);
        CHECK(finished.exit_code == 3);
        CHECK(has(finished.output, code));
        check_words(finished.output);
    }
}

TEST_CASE_METHOD(Desk, "a token from a pipe may end in any kind of newline") {
    const std::string problem =
        answer("401 Unauthorized", "application/problem+json", R"({"code":"token_invalid"})");
    for (const char* end : {"", "\\n", "\\r\\n", "\\n\\n", " \\t\\r\\n"}) {
        INFO(end);
        StandIn stand_in({.tls = &gateway, .says = problem});
        std::string line = "printf '%s" + std::string(end) + "' " + kToken + " |";
        for (const std::string& word : command(stand_in.url(), client))
            line += " '" + word + "'";
        CHECK(test::run({"bash", "-c", line + " --token -"}).exit_code == 3);
        CHECK(stand_in.token() == kToken);
    }
}

TEST_CASE_METHOD(Desk, "a token is never printed, wherever it was given by mistake") {
    const std::string at = folder.path().string() + "/";
    const std::string url = "https://127.0.0.1:1";
    const std::vector<std::vector<std::string>> mistakes{
        {"--token", kToken},
        {"--token", at + kToken},
        {"--card", kToken},
        {"--token", at + "token", kToken},
        {"--token", at + "token", "--" + kToken},
        {"--token", at + "token", "--ca", kToken},
        {"--token", at + "token", "--cert", kToken},
        {"--token", at + "token", "--key", kToken},
        {"--token", at + "token", "--url", kToken},
        {"--token", at + "token", "--url", "https://" + kToken},
    };
    for (const auto& mistake : mistakes) {
        auto arguments = command(url, client);
        for (const std::string& word : mistake)
            arguments.push_back(word);
        if (mistake.size() == 4) {  // in the place of the right value
            const auto place = std::ranges::find(arguments, mistake[2]);
            place[1] = mistake[3];
            arguments.resize(arguments.size() - 2);
        }
        const auto finished = test::run(arguments);
        INFO(mistake.front() << "\n" << finished.output);
        CHECK(finished.exit_code >= 2);
        for (const std::string_view part : {"eyJ", "c2lnbmF0dXJl"})
            CHECK_FALSE(has(finished.output, part));
    }
    const auto batch = test::run({test::program("shikaku-desk"), "batch", kToken});
    CHECK(batch.exit_code == 2);
    CHECK_FALSE(has(batch.output, "eyJ"));
}

}  // namespace
