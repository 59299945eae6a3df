#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>

#include "gateway/http/tls.h"
#include "gateway/http/tls_session_slot.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/log.h"

namespace shikaku::http {
namespace {

using ContextPtr = std::shared_ptr<SSL_CTX>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CrlPtr = std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;

constexpr std::string_view kHttp11 = "\x08http/1.1";

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "unknown" : reason;
}

std::unexpected<Error> bad_file(const std::filesystem::path& path, std::string_view what) {
    return fail(ErrorCode::bad_configuration,
                path.string() + ": " + std::string(what) + ": " + openssl_reason());
}

// Seconds since the epoch; the end of time when the field is absent.
std::time_t to_time(const ASN1_TIME* when) {
    std::tm utc{};
    if (when == nullptr || ASN1_TIME_to_tm(when, &utc) != 1)
        return std::numeric_limits<std::time_t>::max();
    return timegm(&utc);
}

Status apply_policy(SSL_CTX* context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_verify_depth(context, bounds::kTlsChainDepth);
    // AES-128 first: its transcripts are SHA-256, which processors compute several times faster.
    const bool ok = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_ciphersuites(context,
                                             "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                             "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
                    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
                    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
    if (!ok) return fail(ErrorCode::internal, "TLS policy: " + openssl_reason());
    return {};
}

Status load_identity(SSL_CTX* context, const TlsFiles& files) {
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
        return bad_file(files.certificate, "no usable certificate");
    auto pem = read_secret_file(files.key);
    if (!pem) return fail(std::move(pem.error()));
    const BioPtr bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), BIO_free_all);
    const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    OPENSSL_cleanse(pem->data(), pem->size());
    if (!key) return fail(ErrorCode::bad_key, files.key.string() + ": " + openssl_reason());
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
        return fail(ErrorCode::bad_key, files.key.string() + " does not fit " +
                                            files.certificate.string() + ": " + openssl_reason());
    return {};
}

// The earliest nextUpdate of the CRLs, all of which must be readable.
Result<std::time_t> load_crls(X509_STORE* store, const std::filesystem::path& file) {
    const auto pem = read_file(file);
    if (!pem) return fail(pem.error());
    const BioPtr bio(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), BIO_free_all);
    std::time_t earliest = std::numeric_limits<std::time_t>::max();
    int count = 0;
    for (;;) {
        const CrlPtr crl(PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr),
                         X509_CRL_free);
        if (!crl) break;
        if (X509_STORE_add_crl(store, crl.get()) != 1) return bad_file(file, "CRL");
        earliest = std::min(earliest, to_time(X509_CRL_get0_nextUpdate(crl.get())));
        ++count;
    }
    const unsigned long end = ERR_peek_last_error();
    if (count == 0 || ERR_GET_REASON(end) != PEM_R_NO_START_LINE)
        return bad_file(file, "not a list of CRLs");
    ERR_clear_error();
    if (earliest <= std::time(nullptr))
        log_warn("CRL is stale: every certificate will be refused", {{"file", file.string()}});
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    return earliest;
}

std::time_t earliest_expiry(const STACK_OF(X509_OBJECT) * objects) {
    std::time_t earliest = std::numeric_limits<std::time_t>::max();
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        const X509* authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        if (authority != nullptr)
            earliest = std::min(earliest, to_time(X509_get0_notAfter(authority)));
    }
    return earliest;
}

// When the first of what the verification of a peer rests on expires.
Result<std::time_t> load_trust(SSL_CTX* context, const TlsFiles& files) {
    if (SSL_CTX_load_verify_file(context, files.ca.c_str()) != 1)
        return bad_file(files.ca, "no usable authority");
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    const std::time_t expiry = earliest_expiry(X509_STORE_get0_objects(store));
    if (files.crl.empty()) return expiry;
    const auto update = load_crls(store, files.crl);
    if (!update) return fail(update.error());
    return std::min(expiry, *update);
}

// `until` carries a time_t: the context's own data must live as long as any SSL made from it.
SSL_TICKET_RETURN judge_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                               SSL_TICKET_STATUS status, void* until) {
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    const std::time_t now = std::time(nullptr);
    const X509* peer = SSL_SESSION_get0_peer(session);
    if (peer == nullptr || now >= to_time(X509_get0_notAfter(peer)) ||
        now >= static_cast<std::time_t>(reinterpret_cast<std::intptr_t>(until)))
        return SSL_TICKET_RETURN_IGNORE_RENEW;
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

Result<ContextPtr> new_context(const SSL_METHOD* method) {
    ContextPtr context(SSL_CTX_new(method), SSL_CTX_free);
    if (!context) return fail(ErrorCode::internal, "TLS context: " + openssl_reason());
    if (auto ok = apply_policy(context.get()); !ok) return fail(std::move(ok.error()));
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
    auto context = new_context(TLS_server_method());
    if (!context) return fail(std::move(context.error()));
    SSL_CTX* raw = context->get();
    if (auto ok = load_identity(raw, files); !ok) return fail(std::move(ok.error()));
    const auto trusted_until = load_trust(raw, files);
    if (!trusted_until) return fail(trusted_until.error());
    if (auto ok = name_accepted_authorities(raw, files.ca); !ok) return fail(std::move(ok.error()));

    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 1);
    SSL_CTX_set_timeout(raw, std::chrono::seconds(bounds::kTlsResumption).count());
    SSL_CTX_set_session_ticket_cb(
        raw, nullptr, judge_ticket,
        reinterpret_cast<void*>(static_cast<std::intptr_t>(*trusted_until)));
    constexpr std::array<unsigned char, 7> kSessionScope = {'s', 'h', 'i', 'k', 'a', 'k', 'u'};
    SSL_CTX_set_session_id_context(raw, kSessionScope.data(), kSessionScope.size());
    SSL_CTX_set_alpn_select_cb(raw, select_http11, nullptr);
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(*context)));
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const TlsFiles& files) {
    auto context = new_context(TLS_client_method());
    if (!context) return fail(std::move(context.error()));
    SSL_CTX* raw = context->get();
    if (!files.certificate.empty()) {
        if (auto ok = load_identity(raw, files); !ok) return fail(std::move(ok.error()));
    }
    if (auto trust = load_trust(raw, files); !trust) return fail(std::move(trust.error()));

    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    keep_sessions_in_slots(raw);
    SSL_CTX_set_alpn_protos(raw, reinterpret_cast<const unsigned char*>(kHttp11.data()),
                            kHttp11.size());
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(*context)));
}

bool TlsContext::trusts_peer_of(SSL* connection) const {
    X509* peer = SSL_get0_peer_certificate(connection);
    const StoreContextPtr verification(X509_STORE_CTX_new(), X509_STORE_CTX_free);
    if (peer == nullptr || !verification) return false;
    if (X509_STORE_CTX_init(verification.get(), SSL_CTX_get_cert_store(native()), peer,
                            SSL_get_peer_cert_chain(connection)) != 1)
        return false;
    X509_STORE_CTX_set_default(verification.get(), "ssl_client");
    X509_STORE_CTX_set_depth(verification.get(), bounds::kTlsChainDepth);
    const bool trusted = X509_verify_cert(verification.get()) == 1;
    ERR_clear_error();
    return trusted;
}

}  // namespace shikaku::http
