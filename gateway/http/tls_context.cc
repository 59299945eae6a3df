#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>

#include "gateway/http/tls.h"
#include "gateway/http/tls_refusal.h"
#include "gateway/http/tls_session_slot.h"
#include "gateway/http/tls_trust.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"

namespace shikaku::http {
namespace {

using ContextPtr = std::shared_ptr<SSL_CTX>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;

constexpr std::string_view kHttp11 = "\x08http/1.1";

std::unexpected<Error> bad_file(const std::filesystem::path& path, std::string_view what) {
    return fail(ErrorCode::bad_configuration,
                path.string() + ": " + std::string(what) + ": " + take_openssl_reason());
}

Status apply_policy(SSL_CTX* context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    // 112 bits: no RSA below 2048, no SHA-1, whatever the system's configuration says.
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_verify_depth(context, bounds::kTlsChainDepth);
    // AES-128 first: its transcripts are SHA-256, which processors compute several times faster.
    const bool ok = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_ciphersuites(context,
                                             "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                             "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
                    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
                    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
    if (!ok) return fail(ErrorCode::internal, "TLS policy: " + take_openssl_reason());
    return {};
}

Status load_identity(SSL_CTX* context, const TlsFiles& files) {
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
        return bad_file(files.certificate, "no usable certificate");
    SHIKAKU_TRY_LET(auto pem, read_secret_file(files.key));
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
    const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    OPENSSL_cleanse(pem.data(), pem.size());
    if (!key) return fail(ErrorCode::bad_key, files.key.string() + ": " + take_openssl_reason());
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
        return fail(ErrorCode::bad_key, files.key.string() + " does not fit " +
                                            files.certificate.string() + ": " +
                                            take_openssl_reason());
    return {};
}

// Clients would refuse it: better told here than there.
Status check_own_dates(SSL_CTX* context, const TlsFiles& files) {
    const X509* certificate = SSL_CTX_get0_certificate(context);
    const std::time_t now = std::time(nullptr);
    const bool early = to_time(X509_get0_notBefore(certificate)) > now;
    if (!early && to_time(X509_get0_notAfter(certificate)) > now) return {};
    return fail(ErrorCode::bad_configuration,
                files.certificate.string() + (early ? ": is not valid yet" : ": has expired"));
}

// What a ticket carries besides the session. A resumed session has no chain any more: what it was
// given at its full handshake stays.
int note_in_ticket(SSL* connection, void*) {
    const STACK_OF(X509)* chain = SSL_get0_verified_chain(connection);
    if (chain == nullptr) return 1;
    const std::time_t until =
        holds_until(chain, SSL_CTX_get_cert_store(SSL_get_SSL_CTX(connection)));
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(connection), &until, sizeof until);
}

// Nothing holds where the ticket does not say until when.
std::time_t noted_in_ticket(SSL_SESSION* session) {
    void* data = nullptr;
    std::size_t size = 0;
    std::time_t until = 0;
    if (SSL_SESSION_get0_ticket_appdata(session, &data, &size) != 1 || size != sizeof until)
        return 0;
    std::memcpy(&until, data, size);
    return until;
}

SSL_TICKET_RETURN judge_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                               SSL_TICKET_STATUS status, void*) {
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    if (std::time(nullptr) >= noted_in_ticket(session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

int select_http11(SSL*, const unsigned char** out, unsigned char* out_size,
                  const unsigned char* offered, unsigned offered_size, void*) {
    const auto* ours = reinterpret_cast<const unsigned char*>(kHttp11.data());
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, ours, kHttp11.size(), offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

// Called when a ClientHello resumes nothing, before anything dear: once, the handshake stops there.
int stop_before_full_handshake(SSL* connection, void*) {
    SSL_set_cert_cb(connection, nullptr, nullptr);
    return -1;
}

Result<ContextPtr> new_context(const SSL_METHOD* method) {
    ContextPtr context(SSL_CTX_new(method), SSL_CTX_free);
    if (!context) return fail(ErrorCode::internal, "TLS context: " + take_openssl_reason());
    SHIKAKU_TRY(apply_policy(context.get()));
    return context;
}

Status name_accepted_authorities(SSL_CTX* context, const std::filesystem::path& ca) {
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca.c_str());
    if (names == nullptr) return bad_file(ca, "no usable authority");
    SSL_CTX_set_client_CA_list(context, names);
    return {};
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::server(const TlsFiles& files) {
    SHIKAKU_TRY_LET(auto context, new_context(TLS_server_method()));
    SSL_CTX* raw = context.get();
    SHIKAKU_TRY(load_identity(raw, files));
    SHIKAKU_TRY(check_own_dates(raw, files));
    SHIKAKU_TRY(load_trust(raw, files, BadLists::refused));
    SHIKAKU_TRY(be_strict(raw, files));
    SHIKAKU_TRY(name_accepted_authorities(raw, files.ca));

    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, remember_refusal);
    SSL_CTX_set_cert_cb(raw, stop_before_full_handshake, nullptr);
    SSL_CTX_set_max_cert_list(raw, bounds::kCertificateListBytes);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 1);
    SSL_CTX_set_timeout(raw, std::chrono::seconds(bounds::kTlsResumption).count());
    SSL_CTX_set_session_ticket_cb(raw, note_in_ticket, judge_ticket, nullptr);
    constexpr std::array<unsigned char, 7> kSessionScope = {'s', 'h', 'i', 'k', 'a', 'k', 'u'};
    SSL_CTX_set_session_id_context(raw, kSessionScope.data(), kSessionScope.size());
    SSL_CTX_set_alpn_select_cb(raw, select_http11, nullptr);
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(context)));
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const TlsFiles& files) {
    SHIKAKU_TRY_LET(auto context, new_context(TLS_client_method()));
    SSL_CTX* raw = context.get();
    if (!files.certificate.empty()) {
        SHIKAKU_TRY(load_identity(raw, files));
    }
    SHIKAKU_TRY(load_trust(raw, files, BadLists::told));

    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    keep_sessions_in_slots(raw);
    SSL_CTX_set_alpn_protos(raw, reinterpret_cast<const unsigned char*>(kHttp11.data()),
                            kHttp11.size());
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(context)));
}

std::time_t TlsContext::trusted_until(SSL* connection) {
    const STACK_OF(X509)* chain = SSL_get0_verified_chain(connection);
    if (chain == nullptr) return noted_in_ticket(SSL_get_session(connection));
    return holds_until(chain, SSL_CTX_get_cert_store(SSL_get_SSL_CTX(connection)));
}

std::optional<std::time_t> TlsContext::trusts_peer_of(SSL* connection) const {
    X509* peer = SSL_get0_peer_certificate(connection);
    X509_STORE* store = SSL_CTX_get_cert_store(native());
    const StoreContextPtr verification(X509_STORE_CTX_new(), X509_STORE_CTX_free);
    if (peer == nullptr || !verification) return std::nullopt;
    if (X509_STORE_CTX_init(verification.get(), store, peer, SSL_get_peer_cert_chain(connection)) !=
        1)
        return std::nullopt;
    X509_STORE_CTX_set_default(verification.get(), "ssl_client");
    X509_STORE_CTX_set_ex_data(verification.get(), SSL_get_ex_data_X509_STORE_CTX_idx(),
                               connection);
    X509_STORE_CTX_set_verify_cb(verification.get(), remember_refusal);
    X509_STORE_CTX_set_depth(verification.get(), bounds::kTlsChainDepth);
    const bool trusted = X509_verify_cert(verification.get()) == 1;
    ERR_clear_error();
    if (!trusted) return std::nullopt;
    return holds_until(X509_STORE_CTX_get0_chain(verification.get()), store);
}

std::string TlsContext::trouble(std::time_t now) const {
    const X509* own = SSL_CTX_get0_certificate(native());
    if (own != nullptr && to_time(X509_get0_notAfter(own)) <= now)
        return "the server's own certificate has expired";
    return why_nobody_is_trusted(SSL_CTX_get_cert_store(native()), now);
}

std::vector<Hash256> TlsContext::authorities() const {
    return fingerprints_of(SSL_CTX_get_cert_store(native()));
}

std::vector<Expiry> TlsContext::expiries() const {
    std::vector<Expiry> found = expiries_of(SSL_CTX_get_cert_store(native()));
    if (const X509* own = SSL_CTX_get0_certificate(native()))
        found.push_back({Expiry::What::certificate, to_time(X509_get0_notAfter(own))});
    return found;
}

}  // namespace shikaku::http
