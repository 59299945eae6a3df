// municipal-mock: plays the system of a municipality or prefecture, with faults on request. For
// development and tests; what it serves is synthetic.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "gateway/http/server.h"
#include "gateway/support/broken_pipe.h"
#include "gateway/support/file.h"
#include "gateway/support/version.h"
#include "municipal-mocks/rest_system.h"

namespace {

using namespace shikaku;  // NOLINT(google-build-using-namespace): a program

constexpr int kExitOk = 0;
constexpr int kExitUsage = 2;
constexpr int kExitUnreachable = 3;
constexpr std::size_t kFaultFileBytes = 1024 * 1024;

struct Options {
    std::string kind = "rest";
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    int threads = 1;
    std::string population, fault;
    http::TlsFiles tls;
};

int complain(const Error& error, int exit_code) {
    std::cerr << "municipal-mock: " << error.detail << '\n';
    return exit_code;
}

Result<mocks::FaultPlan> load_faults(const std::string& file) {
    if (file.empty()) return mocks::FaultPlan();
    const auto text = read_file(file, kFaultFileBytes);
    if (!text) return fail(ErrorCode::bad_configuration, "cannot read " + file);
    return mocks::FaultPlan::parse(*text);
}

Result<std::shared_ptr<http::TlsContext>> load_tls(const http::TlsFiles& files) {
    if (files.certificate.empty()) return nullptr;
    return http::TlsContext::server(files);
}

// Serves until SIGTERM or SIGINT, which are blocked in every thread.
int serve(const Options& options, mocks::People people, mocks::FaultPlan faults,
          std::shared_ptr<http::TlsContext> tls) {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    mocks::RestSystem system(std::move(people), std::move(faults));
    http::Server server(
        {.address = options.address, .port = options.port, .threads = options.threads},
        std::move(tls), system);
    if (const auto started = server.start(); !started)
        return complain(started.error(), kExitUnreachable);
    std::cout << "ready " << server.port() << '\n' << std::flush;

    int signal = 0;
    sigwait(&ends, &signal);
    system.stop();
    server.drain();
    return kExitOk;
}

int run(const Options& options) {
    if (options.kind != "rest")
        return complain({ErrorCode::bad_configuration,
                         "--kind " + options.kind + " is not played yet; only rest is"},
                        kExitUsage);
    auto people = mocks::People::load(options.population);
    if (!people) return complain(people.error(), kExitUsage);
    auto faults = load_faults(options.fault);
    if (!faults) return complain(faults.error(), kExitUsage);
    auto tls = load_tls(options.tls);
    if (!tls) return complain(tls.error(), kExitUsage);
    return serve(options, std::move(*people), std::move(*faults), std::move(*tls));
}

}  // namespace

int main(int argc, char** argv) {
    shikaku::survive_broken_pipes();
    Options options;
    CLI::App app(
        "Plays a municipal system. Prints 'ready <port>' when it listens; SIGTERM ends it.");
    app.set_version_flag("--version", shikaku::version());
    app.add_option("--kind", options.kind, "rest")->required();
    app.add_option("--population", options.population, "Whom it knows: JSON, or CSV with link keys")
        ->required();
    app.add_option("--fault", options.fault, "Fault plan (JSON): what goes wrong, and how often");
    app.add_option("--address", options.address)->capture_default_str();
    app.add_option("--port", options.port, "0: any free one")->capture_default_str();
    app.add_option("--threads", options.threads)->capture_default_str()->check(CLI::Range(1, 64));
    auto* cert = app.add_option("--cert", options.tls.certificate, "PEM; with --key and --ca: TLS");
    auto* key = app.add_option("--key", options.tls.key, "PEM");
    auto* ca = app.add_option("--ca", options.tls.ca, "PEM: who signs the client's certificate");
    cert->needs(key, ca);
    key->needs(cert);
    ca->needs(cert);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    return run(options);
}
