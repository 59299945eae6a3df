#include "tests/bench/load/endpoint.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/x509.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

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

void use_certificate(SSL_CTX* tls, const EndpointOptions& options) {
    if (SSL_CTX_use_certificate_chain_file(tls, options.certificate.c_str()) != 1) {
        fail_with_openssl(options.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(tls, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        fail_with_openssl(options.key);
    }
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
    if (!options.certificate.empty()) {
        use_certificate(tls, options);
        endpoint.certificate_thumbprint = thumbprint(tls);
    }
    if (!options.ca.empty()) {
        if (SSL_CTX_load_verify_locations(tls, options.ca.c_str(), nullptr) != 1) {
            fail_with_openssl(options.ca);
        }
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, nullptr);
    }
    return endpoint;
}

int start_connecting(const Endpoint& endpoint, int epoll, std::uint32_t id, std::uint32_t address) {
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0) {
        throw std::runtime_error("no more sockets: raise the limit of open files");
    }
    const int on = 1;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (address != 0) {
        constexpr std::uint32_t kFirst = 0x7F010000;  // 127.1.0.0
        sockaddr_in from{};
        from.sin_family = AF_INET;
        from.sin_addr.s_addr = htonl(kFirst + address);
        // The port is chosen at connect(), so that all of them are free for each address.
        setsockopt(made, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (bind(made, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) {
            throw std::runtime_error("cannot ask from an address of the loopback network");
        }
    }
    const int connected = connect(made, reinterpret_cast<const sockaddr*>(&endpoint.address),
                                  sizeof endpoint.address);
    if (connected != 0 && errno != EINPROGRESS) {
        throw std::runtime_error("cannot connect to " + endpoint.host);
    }
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
    interest.data.u32 = id;
    epoll_ctl(epoll, EPOLL_CTL_ADD, made, &interest);
    return made;
}

}  // namespace shikaku::bench
