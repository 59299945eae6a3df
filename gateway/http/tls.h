// TLS contexts: 1.3, and 1.2 with ECDHE and AEAD only. Made from files, replaced as a whole on
// reload; connections keep the context they were accepted with.
//
// A client's chain is checked strictly (X509_V_FLAG_X509_STRICT) and whole: with a CRL,
// intermediates too must not be revoked. It holds until the earliest of its certificates' notAfter
// and of its issuers' CRLs' nextUpdate (of one issuer's CRLs the latest); trusted_until() gives
// that instant, for the server to compare with at every request.
//
// Resumption is stateless: a session ticket is sealed with keys that belong to one context and
// holds the client's certificate and that instant. A ticket is honoured for bounds::kTlsResumption
// at most, and never past the instant: then a full handshake takes place and verifies everything
// anew. A new context cannot open old tickets, so what a reload revokes cannot resume; connections
// already open are checked against the new context with trusts_peer_of().
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/support/bytes.h"
#include "gateway/support/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace shikaku::http {

struct TlsFiles {
    std::filesystem::path certificate{};  // PEM chain; a client may have none
    std::filesystem::path key{};          // PEM, not readable by others
    std::filesystem::path ca{};           // PEM: who signs the other side's certificates
    // PEM CRLs, one at least for every authority in `ca`; empty: none.
    std::filesystem::path crl{};
};

// When something that a context rests on expires.
struct Expiry {
    enum class What : std::uint8_t { certificate, authority, crl };
    What what;
    std::time_t at;  // seconds since the epoch
};

// Whose certificate ended a client's TLS connection.
enum class TlsTrouble : std::uint8_t {
    none,
    server_certificate,  // did not satisfy us
    own_certificate,     // the server said that ours does not satisfy it
};

class TlsContext {
  public:
    // A client certificate that chains to `ca` is required; without one the handshake fails.
    // bad_configuration also for what would keep out every client: an own certificate that is not
    // valid now, a CRL that is expired, not yet valid, badly signed or missing for an authority.
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> server(const TlsFiles& files);
    // The server's certificate must chain to `ca` and carry the host name asked for.
    [[nodiscard]] static Result<std::shared_ptr<TlsContext>> client(const TlsFiles& files);

    // After a handshake, resumed or not: until when its client's certificate holds.
    [[nodiscard]] static std::time_t trusted_until(ssl_st* connection);
    // The same under this context for a connection that another one accepted; nothing when its
    // client would not be accepted here and now. A resumed connection does not hold the
    // intermediates its client once sent: unless `ca` has them, it ends and starts anew.
    [[nodiscard]] std::optional<std::time_t> trusts_peer_of(ssl_st* connection) const;

    [[nodiscard]] std::vector<Expiry> expiries() const;
    // SHA-256 of each certificate that others may chain to.
    [[nodiscard]] std::vector<Hash256> authorities() const;
    // What has run out by then, so that every client is refused, in words; empty: nothing.
    [[nodiscard]] std::string trouble(std::time_t now) const;

    [[nodiscard]] ssl_ctx_st* native() const { return context_.get(); }

  private:
    explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
    std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace shikaku::http
