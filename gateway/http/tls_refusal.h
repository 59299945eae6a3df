// Why a client was refused by TLS, and which one: what a handshake, or a later look at an open
// connection's certificate, leaves behind at the connection. Handshakes that fail for other reasons
// (no TLS at all, no common cipher, a lost connection) leave nothing: nobody asked to be let in.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/support/bytes.h"

struct ssl_st;
struct x509_store_ctx_st;

namespace shikaku::http {

enum class TlsRefusal : std::uint8_t {
    revoked,
    expired,
    not_yet_valid,
    unknown_ca,
    wrong_purpose,
    crl_unusable,
    no_certificate,
    bad_certificate,
};
inline constexpr std::size_t kTlsRefusals = 8;
[[nodiscard]] std::string_view name(TlsRefusal why);

struct RefusedPeer {
    TlsRefusal why = TlsRefusal::bad_certificate;
    // SHA-256. None: it showed none, or one that no authority of ours has signed: of those it can
    // make as many as it likes.
    std::optional<Hash256> certificate{};
};

// A verify callback: decides nothing, remembers with the connection what OpenSSL refused.
int remember_refusal(int verified, x509_store_ctx_st* verification);
// For what the callback does not see.
void remember_refusal(ssl_st* connection, TlsRefusal why);
// Null when nothing was refused.
[[nodiscard]] const RefusedPeer* refusal_of(const ssl_st* connection);

// "certificate:<sha256>"; without one "address:" and the network, /24 or /48.
[[nodiscard]] std::string who(const RefusedPeer& refused, const boost::asio::ip::address& from);

}  // namespace shikaku::http
