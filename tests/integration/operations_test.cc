// What operators see: metrics that alert rules and dashboard may rely on, `shikaku check`, and what
// systemd is told.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <thread>

#include "gateway/support/json.h"
#include "tests/integration/gateway_fixture.h"

namespace {

using namespace shikaku;
using test::GatewayFixture;

// A live source that nobody answers for.
const std::string kLiveSource = R"(
[local_order]
"13" = ["80136015", "88131248"]
[[authority]]
code = "130001"
adapter = "rest"
url = "https://127.0.0.1:1"
path = "/ask/here"
certificate = ")" + (test::certs() / "gateway.crt").string() +
                                R"("
key = ")" + (test::certs() / "gateway.key").string() +
                                R"("
ca = ")" + (test::certs() / "ca.crt").string() +
                                R"("
[authority.fields]
valid_from = "their_begin"
)";

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// Names of metrics as rules use them; what a histogram adds to its name is left off.
std::set<std::string> metrics_in(const std::string& text) {
    static const std::regex name("\\b(shikaku|process)_[a-z_]+");
    static const std::regex series("_(bucket|sum|count)$");
    std::set<std::string> names;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at)
        names.insert(std::regex_replace(at->str(), series, ""));
    return names;
}

TEST_CASE("what alert rules and dashboard name is what a gateway at work tells") {
    GatewayFixture gateway(kLiveSource);
    gateway.start();
    const auto child = test::person();
    gateway.publish_hachioji(test::csv_header() + test::csv_row(child, "h-1", "1234566"));
    CHECK(gateway.ask("clinic-a", child).status == 200);
    std::string forged = gateway.token("clinic-a", child);
    forged[forged.size() - 20] = forged[forged.size() - 20] == 'A' ? 'B' : 'A';
    CHECK(gateway
              .call("clinic-a", http::Method::post, "/v1/eligibility",
                    GatewayFixture::question(forged))
              .status == 401);

    // The first round over registry.db and the log's tiles takes its time.
    std::string told;
    const std::filesystem::path operations =
        std::filesystem::path(SHIKAKU_SOURCE_DIR) / "gateway/operations";
    const auto named =
        metrics_in(read(operations / "alerts.yml") + read(operations / "dashboard.json"));
    REQUIRE(named.size() > 20);
    REQUIRE(parse_json(read(operations / "dashboard.json")));
    std::set<std::string> missing;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    do {
        told = gateway.ops("/metrics").body;
        missing.clear();
        for (const std::string& name : named) {
            if (!has(told, "# TYPE " + name + " ")) missing.insert(name);
        }
    } while (!missing.empty() && std::chrono::steady_clock::now() < deadline);
    for (const std::string& name : missing)
        FAIL_CHECK(name << " is not told");

    CHECK(has(told, "shikaku_answers_total{outcome=\"eligible\",reason=\"ACTIVE\"} 1"));
    CHECK(has(told, "shikaku_build_info{commit=\""));
    CHECK(has(told, "version=\"" SHIKAKU_VERSION "\""));
}

TEST_CASE("the ops port counts what it refuses, and tells it once") {
    GatewayFixture gateway;
    gateway.start();
    for (int i = 0; i < 3; ++i)
        CHECK(gateway.ops("/nothing").status == 404);
    const std::string told = gateway.ops("/metrics").body;
    CHECK(has(told, "shikaku_ops_refused_total{code=\"not_found\"} 3\n"));
    const std::string log = gateway.process_log();
    const auto line = log.find("ops port: requests refused");
    REQUIRE(line != std::string::npos);
    CHECK(log.find("ops port: requests refused", line + 1) == std::string::npos);
}

TEST_CASE("check prints everything it read, until when it holds, and the log's verifier key") {
    GatewayFixture gateway(kLiveSource);
    gateway.write_config(kLiveSource + "\n[limits.emergency]\nper_minute = 7\n");
    const auto config = (gateway.folder() / "shikaku.toml").string();
    const auto finished = test::run({test::program("shikaku"), "check", "--config", config});
    INFO(finished.output);
    CHECK(finished.exit_code == 0);
    for (const std::string_view part :
         {"server.key\"", "keyring.json\"", "log-signer.key\"", "path = \"/ask/here\"",
          "gateway.key\"", "valid_from = \"their_begin\"", "\"13\" = [\"80136015\", \"88131248\"]",
          "per_minute = 7", "withdrawn", "# [log] vkey: ", "# [server] certificate: ",
          "# [server] client_ca: ", "# [[authority]] 130001 certificate: ",
          "# [[authority]] 130001 ca: ", " days left)", "# OK"})
        CHECK(has(finished.output, part));
}

TEST_CASE("check builds signer and adapters, and names all that is wrong at once") {
    const auto wrong = [](std::string text, std::string_view from, std::string_view to) {
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    GatewayFixture gateway;
    gateway.write_config(wrong(wrong(kLiveSource, "https://127.0.0.1:1", "https://no host"),
                               "valid_from = \"their_begin\"", ""));
    const auto file = gateway.folder() / "shikaku.toml";
    // A key that signs, but not as the log's has to.
    std::ofstream(file.string() + ".2")
        << wrong(read(file), (test::certs() / "log-signer.key").string(),
                 (test::certs() / "server.key").string());
    const auto finished =
        test::run({test::program("shikaku"), "check", "--config", file.string() + ".2"});
    INFO(finished.output);
    CHECK(finished.exit_code == 1);
    CHECK(has(finished.output, "shikaku: [keys] log_signer: "));
    CHECK(has(finished.output, "shikaku: [[authority]] 130001: "));
    CHECK_FALSE(has(finished.output, "# OK"));
}

// systemd's end of the notification socket.
class Listener {
  public:
    explicit Listener(const std::filesystem::path& path)
        : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        REQUIRE(path.string().size() < sizeof address.sun_path);
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        const timeval limit{.tv_sec = 60, .tv_usec = 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    ~Listener() { ::close(descriptor_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Until a message that begins so has come; it.
    std::string wait_for(std::string_view begin) {
        for (;;) {
            char buffer[4096];
            const ssize_t size = ::recv(descriptor_, buffer, sizeof buffer, 0);
            if (size <= 0) return {};
            std::string message(buffer, static_cast<std::size_t>(size));
            if (message.starts_with(begin)) return message;
        }
    }

  private:
    int descriptor_;
};

TEST_CASE("systemd is told when it serves, how it is, that it lives, reloads and ends") {
    GatewayFixture gateway;
    const auto socket = gateway.folder() / "notify";
    Listener systemd(socket);
    ::setenv("NOTIFY_SOCKET", socket.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "300000", 1);
    gateway.start();
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    CHECK(systemd.wait_for("READY=1") == "READY=1\n");
    CHECK(systemd.wait_for("STATUS=") == "STATUS=serving\n");
    CHECK(systemd.wait_for("WATCHDOG=1") == "WATCHDOG=1\n");
    CHECK(systemd.wait_for("WATCHDOG=1") == "WATCHDOG=1\n");

    gateway.process().signal(SIGHUP);
    CHECK(has(systemd.wait_for("RELOADING=1"), "\nMONOTONIC_USEC="));
    CHECK(systemd.wait_for("READY=1") == "READY=1\n");

    CHECK(gateway.terminate() == 0);
    CHECK(systemd.wait_for("STOPPING=1") == "STOPPING=1\nSTATUS=draining\n");
}

}  // namespace
