// TLS contexts: 1.3, and 1.2 with ECDHE and AEAD only. Made from files, replaced as a whole on
// reload; connections keep the context they were accepted with.
//
// Resumption is stateless: a session ticket is sealed with keys that belong to one context and
// holds the client's certificate. A ticket is honoured for bounds::kTlsResumption at most, and
// never past the expiry of the certificate, of the authorities or of a CRL: then a full handshake
// takes place and verifies everything anew. A new context cannot open old tickets, so what a reload
// revokes cannot resume; connections already open are checked against the new context with
// trusts_peer_of().
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "gateway/support/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace shikaku::http {

struct TlsFiles {
    std::filesystem::path certificate{};  // PEM chain; a client may have none
    std::filesystem::path key{};          // PEM, not readable by others
    std::filesystem::path ca{};           // PEM: who signs the other side's certificates
    std::filesystem::path crl{};  // PEM CRLs; empty: none. A stale CRL refuses (fail closed)
};

class TlsContext {
  public:
    // A client certificate that chains to `ca` is required; without one the handshake fails.
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> server(const TlsFiles& files);
    // The server's certificate must chain to `ca` and carry the host name asked for.
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> client(const TlsFiles& files);

    // Whether the client certificate of an open connection would be accepted here and now.
    [[nodiscard]] bool trusts_peer_of(ssl_st* connection) const;

    [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

  private:
    explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
    std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace shikaku::http
