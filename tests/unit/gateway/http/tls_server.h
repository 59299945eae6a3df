// A server that asks for certificates, on a free port, with a service that remembers.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/gateway/http/http_fixture.h"
#include "tests/unit/gateway/http/test_pki.h"

namespace shikaku::http::testing {

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

}  // namespace shikaku::http::testing
