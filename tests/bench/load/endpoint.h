// Where the load goes and as whom: an https URL and the client certificate.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

namespace shikaku::bench {

struct EndpointOptions {
    std::string url;          // https://127.0.0.1:8443, an IPv4 address
    std::string certificate;  // PEM; empty: a client without one
    std::string key;          // PEM
    std::string ca;           // empty: the server's chain is not checked
};

struct Endpoint {
    sockaddr_in address{};
    std::string host;  // for the Host header
    std::shared_ptr<SSL_CTX> tls;
    std::string certificate_thumbprint;  // base64url SHA-256 of the client certificate
};

// Throws std::runtime_error with what is wrong; so does everything else in this folder that runs
// before the measured window.
[[nodiscard]] Endpoint make_endpoint(const EndpointOptions& options);

// A socket on its way to the endpoint, as `id` in epoll, edge-triggered. From one of the addresses
// of the loopback network where `address` is not 0: to the server each is another machine.
[[nodiscard]] int start_connecting(const Endpoint& endpoint, int epoll, std::uint32_t id,
                                   std::uint32_t address = 0);

}  // namespace shikaku::bench
