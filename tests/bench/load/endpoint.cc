#include "tests/bench/load/endpoint.h"

#include <arpa/inet.h>
#include <openssl/x509.h>

#include "tests/bench/load/encoding.h"

namespace shikaku::bench {
namespace {

void parse_url(const std::string& url, Endpoint& endpoint) {
    static constexpr std::string_view kScheme = "https://";
    const std::size_t colon = url.rfind(':');
    if (!url.starts_with(kScheme) || colon <= kScheme.size()) {
        throw std::runtime_error("not https://ADDRESS:PORT: " + url);
    }
    const std::string address = url.substr(kScheme.size(), colon - kScheme.size());
    const int port = std::stoi(url.substr(colon + 1));
    endpoint.address.sin_family = AF_INET;
    endpoint.address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (inet_pton(AF_INET, address.c_str(), &endpoint.address.sin_addr) != 1) {
        throw std::runtime_error("not an IPv4 address: " + address);
    }
    endpoint.host = address + ":" + std::to_string(port);
}

std::string thumbprint(SSL_CTX* tls) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    if (X509_digest(SSL_CTX_get0_certificate(tls), EVP_sha256(), hash.data(), &size) != 1) {
        fail_with_openssl("client certificate");
    }
    return base64url(std::span(hash.data(), size));
}

}  // namespace

Endpoint make_endpoint(const EndpointOptions& options) {
    Endpoint endpoint;
    parse_url(options.url, endpoint);
    endpoint.tls = std::shared_ptr<SSL_CTX>(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX* tls = endpoint.tls.get();
    SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    SSL_CTX_set_read_ahead(tls, 1);  // one read() a record instead of two
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_use_certificate_chain_file(tls, options.certificate.c_str()) != 1) {
        fail_with_openssl(options.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(tls, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        fail_with_openssl(options.key);
    }
    if (!options.ca.empty()) {
        if (SSL_CTX_load_verify_locations(tls, options.ca.c_str(), nullptr) != 1) {
            fail_with_openssl(options.ca);
        }
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, nullptr);
    }
    endpoint.certificate_thumbprint = thumbprint(tls);
    return endpoint;
}

}  // namespace shikaku::bench
