// The HTTP server alone: a fixed body over mutual TLS, to be set beside nginx serving the same.
//
//   bench_http_echo PORT CERT KEY CA [THREADS] [--no-client-cert | --plain]
//
// --no-client-cert asks no certificate of clients (for load tools that have none); --plain is TCP.
#include <openssl/ssl.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "gateway/http/server.h"

namespace shikaku {
namespace {

constexpr std::size_t kBodyBytes = 1500;

class FixedAnswer final : public http::Service {
  public:
    Result<http::BodyPlan> plan(http::Request&) override {
        return http::BodyPlan{.bytes_max = bounds::kApiBodyBytes};
    }
    http::asio::awaitable<http::Response> serve(http::Request&) override {
        http::Response response;
        response.body.assign(kBodyBytes, 'x');
        co_return response;
    }
    http::asio::awaitable<http::Response> refuse(Error error, http::Request&) override {
        http::Response response;
        response.status = info(error.code).http_status;
        co_return response;
    }
};

struct Arguments {
    http::ServerOptions options;
    http::TlsFiles files;
    bool plain = false;
    bool client_certificates = true;
};

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    arguments.options.port = static_cast<std::uint16_t>(std::stoi(argv[1]));
    arguments.files = {.certificate = argv[2], .key = argv[3], .ca = argv[4]};
    for (int i = 5; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--plain") {
            arguments.plain = true;
        } else if (option == "--no-client-cert") {
            arguments.client_certificates = false;
        } else {
            arguments.options.threads = std::stoi(argv[i]);
        }
    }
    return arguments;
}

Result<std::shared_ptr<http::TlsContext>> context_for(const Arguments& arguments) {
    if (arguments.plain) return nullptr;
    auto made = http::TlsContext::server(arguments.files);
    if (made && !arguments.client_certificates)
        SSL_CTX_set_verify((*made)->native(), SSL_VERIFY_NONE, nullptr);
    return made;
}

int serve_until_ended(const Arguments& arguments) {
    const auto complain = [](const Error& error) {
        std::fprintf(stderr, "%s\n", error.detail.c_str());
        return 1;
    };
    auto tls = context_for(arguments);
    if (!tls) return complain(tls.error());
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    FixedAnswer service;
    http::Server server(arguments.options, std::move(*tls), service);
    if (auto started = server.start(); !started) return complain(started.error());
    int signal = 0;
    sigwait(&ends, &signal);
    server.drain();
    return 0;
}

}  // namespace
}  // namespace shikaku

int main(int argc, char** argv) {
    if (argc < 5) {
        std::fputs("bench_http_echo PORT CERT KEY CA [THREADS] [--no-client-cert | --plain]\n",
                   stderr);
        return 2;
    }
    return shikaku::serve_until_ended(shikaku::parse(argc, argv));
}
