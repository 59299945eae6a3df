// OpenSSL as a blocking client that does what it is told: versions, ciphers, sessions.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/tls.h"
#include "tests/unit/gateway/http/http_fixture.h"

namespace shikaku::http::testing {

class RawTls {
  public:
    explicit RawTls(const TlsFiles& files);
    ~RawTls();
    RawTls(const RawTls&) = delete;
    RawTls& operator=(const RawTls&) = delete;

    [[nodiscard]] SSL_CTX* context() { return context_; }
    [[nodiscard]] SSL* ssl() { return ssl_; }

    // True when the handshake came to its end on this side.
    bool connect(std::uint16_t port);
    // What comes until `until`; empty when the server refused the connection after all.
    std::string ask(const std::string& request, std::string_view until);
    std::string read(std::string_view until);
    std::string get(const std::string& path, std::string_view until);
    // The next connections offer the session of this one.
    void keep_session() {
        SSL_SESSION_free(session_);
        session_ = SSL_get1_session(ssl_);
    }

  private:
    void end_connection();

    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    SSL_SESSION* session_ = nullptr;
    std::unique_ptr<RawClient> tcp_;
};

}  // namespace shikaku::http::testing
