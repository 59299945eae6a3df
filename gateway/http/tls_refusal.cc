#include "gateway/http/tls_refusal.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <memory>

namespace shikaku::http {
namespace {

namespace ip = boost::asio::ip;

constexpr std::array<std::string_view, kTlsRefusals> kNames = {
    "revoked",       "expired",      "not_yet_valid",  "unknown_ca",
    "wrong_purpose", "crl_unusable", "no_certificate", "bad_certificate"};

constexpr unsigned short kNetworkBits4 = 24;
constexpr unsigned short kNetworkBits6 = 48;

void forget(void*, void* refused, CRYPTO_EX_DATA*, int, long, void*) {
    const std::unique_ptr<RefusedPeer> owned(static_cast<RefusedPeer*>(refused));
}

int slot() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, forget);
    return index;
}

std::optional<Hash256> fingerprint(const X509* certificate) {
    Hash256 hash{};
    unsigned size = 0;
    if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), hash.data(), &size) != 1 ||
        size != hash.size())
        return std::nullopt;
    return hash;
}

// Up to a certificate that we trust. OpenSSL finds most faults before it looks at signatures.
bool is_signed(X509_STORE_CTX* verification) {
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(verification);
    const int untrusted = X509_STORE_CTX_get_num_untrusted(verification);
    if (chain == nullptr || sk_X509_num(chain) <= untrusted) return false;
    ERR_set_mark();
    bool right = true;
    for (int i = 0; right && i < untrusted; ++i) {
        EVP_PKEY* key = X509_get0_pubkey(sk_X509_value(chain, i + 1));
        right = key != nullptr && X509_verify(sk_X509_value(chain, i), key) == 1;
    }
    ERR_pop_to_mark();
    return right;
}

void remember(SSL* connection, const RefusedPeer& refused) {
    if (connection == nullptr) return;
    if (auto* known = static_cast<RefusedPeer*>(SSL_get_ex_data(connection, slot()))) {
        *known = refused;
        return;
    }
    auto fresh = std::make_unique<RefusedPeer>(refused);
    if (SSL_set_ex_data(connection, slot(), fresh.get()) == 1)
        static_cast<void>(fresh.release());  // forget() has it now
}

TlsRefusal refusal_from(int error) {
    switch (error) {
        case X509_V_ERR_CERT_REVOKED:
            return TlsRefusal::revoked;
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return TlsRefusal::expired;
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return TlsRefusal::not_yet_valid;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return TlsRefusal::unknown_ca;
        case X509_V_ERR_INVALID_PURPOSE:
            return TlsRefusal::wrong_purpose;
        case X509_V_ERR_UNABLE_TO_GET_CRL:
        case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
        case X509_V_ERR_CRL_NOT_YET_VALID:
        case X509_V_ERR_CRL_HAS_EXPIRED:
        case X509_V_ERR_CRL_SIGNATURE_FAILURE:
            return TlsRefusal::crl_unusable;
        default:
            return TlsRefusal::bad_certificate;
    }
}

}  // namespace

std::string_view name(TlsRefusal why) {
    return kNames[static_cast<std::size_t>(why)];
}

int remember_refusal(int verified, x509_store_ctx_st* verification) {
    if (verified != 1) {
        auto* connection = static_cast<SSL*>(
            X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
        RefusedPeer refused{.why = refusal_from(X509_STORE_CTX_get_error(verification))};
        if (is_signed(verification))
            refused.certificate = fingerprint(X509_STORE_CTX_get0_cert(verification));
        remember(connection, refused);
    }
    return verified;
}

void remember_refusal(ssl_st* connection, TlsRefusal why) {
    remember(connection,
             {.why = why, .certificate = fingerprint(SSL_get0_peer_certificate(connection))});
}

const RefusedPeer* refusal_of(const ssl_st* connection) {
    return static_cast<const RefusedPeer*>(SSL_get_ex_data(connection, slot()));
}

std::string who(const RefusedPeer& refused, const ip::address& from) {
    if (refused.certificate) return "certificate:" + to_hex(*refused.certificate);
    if (from.is_v4())
        return "address:" + ip::network_v4(from.to_v4(), kNetworkBits4).canonical().to_string();
    const ip::address_v6 six = from.to_v6();
    if (six.is_v4_mapped()) return who(refused, ip::make_address_v4(ip::v4_mapped, six));
    return "address:" + ip::network_v6(six, kNetworkBits6).canonical().to_string();
}

}  // namespace shikaku::http
