#include "tests/unit/gateway/http/raw_tls.h"

#include <openssl/err.h>

#include <array>
#include <csignal>

namespace shikaku::http::testing {

RawTls::RawTls(const TlsFiles& files) : context_(SSL_CTX_new(TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own socket code raises it
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_load_verify_file(context_, files.ca.c_str());
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    if (!files.certificate.empty()) {
        SSL_CTX_use_certificate_chain_file(context_, files.certificate.c_str());
        SSL_CTX_use_PrivateKey_file(context_, files.key.c_str(), SSL_FILETYPE_PEM);
    }
}

RawTls::~RawTls() {
    end_connection();
    SSL_SESSION_free(session_);
    SSL_CTX_free(context_);
    ERR_clear_error();
}

void RawTls::end_connection() {
    if (ssl_ != nullptr) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN);  // the session stays good
    SSL_free(ssl_);
}

bool RawTls::connect(std::uint16_t port) {
    end_connection();
    tcp_ = std::make_unique<RawClient>(port);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, tcp_->descriptor());
    if (session_ != nullptr) SSL_set_session(ssl_, session_);
    return SSL_connect(ssl_) == 1;
}

std::string RawTls::ask(const std::string& request, std::string_view until) {
    SSL_write(ssl_, request.data(), static_cast<int>(request.size()));
    return read(until);
}

std::string RawTls::read(std::string_view until) {
    std::string answer;
    std::array<char, 4096> bytes{};
    while (!answer.ends_with(until)) {
        const int n = SSL_read(ssl_, bytes.data(), bytes.size());
        if (n <= 0) break;
        answer.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return answer;
}

std::string RawTls::get(const std::string& path, std::string_view until) {
    return ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n", until);
}

}  // namespace shikaku::http::testing
