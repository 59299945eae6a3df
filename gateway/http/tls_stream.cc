#include "gateway/http/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "gateway/http/socket_bio.h"
#include "gateway/http/tls_refusal.h"
#include "gateway/support/bounds.h"

namespace shikaku::http {
namespace {

IoOutcome plain_outcome(ssize_t n, Io when_blocked) {
    if (n > 0) return {Io::done, static_cast<std::size_t>(n)};
    if (n == 0) return {Io::closed};
    const bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {again ? when_blocked : Io::failed};
}

void forget_old_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

// How many messages of a handshake's kind came, and alerts either way, as the pointer itself.
int messages_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

std::intptr_t messages_of(const SSL* ssl) {
    return reinterpret_cast<std::intptr_t>(SSL_get_ex_data(ssl, messages_index()));
}

// RFC 8446, 4.1.3: the random of a ServerHello that asks for another ClientHello.
constexpr std::string_view kAsksAgain =
    "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91"
    "\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C";

void note_sent(std::string_view message, SSL* ssl) {
    constexpr std::size_t kBeforeRandom = 6;   // type, length, version
    if (!message.starts_with('\x02')) return;  // no ServerHello
    note_server_hello(SSL_get_rbio(ssl), message.substr(kBeforeRandom).starts_with(kAsksAgain)
                                             ? HelloWatch::Answer::asks_again
                                             : HelloWatch::Answer::final);
}

void on_message(int sent, int, int content_type, const void* bytes, std::size_t size, SSL* ssl,
                void*) {
    // Each hello by which a TLS 1.2 client would renegotiate is no message, but is answered by an
    // alert.
    const bool handshake = content_type == SSL3_RT_HANDSHAKE;
    if (!handshake && content_type != SSL3_RT_ALERT) return;
    if (handshake && sent != 0) return note_sent({static_cast<const char*>(bytes), size}, ssl);
    SSL_set_ex_data(ssl, messages_index(), reinterpret_cast<void*>(messages_of(ssl) + 1));
}

Result<TlsStream::SslPtr> new_ssl(const TlsContext& tls, int descriptor) {
    TlsStream::SslPtr ssl(SSL_new(tls.native()));
    BIO* bio = ssl ? new_socket_bio(descriptor) : nullptr;
    if (bio == nullptr) {
        ERR_clear_error();
        return fail(ErrorCode::overloaded, "no memory for a TLS connection");
    }
    SSL_set_bio(ssl.get(), bio, bio);
    SSL_set_msg_callback(ssl.get(), on_message);
    return ssl;
}

TlsTrouble trouble_from(int reason) {
    switch (reason) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return TlsTrouble::server_certificate;
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
            return TlsTrouble::own_certificate;
        default:
            return TlsTrouble::none;
    }
}

bool expect_host(SSL* ssl, const std::string& host) {
    boost::system::error_code not_a_literal;
    asio::ip::make_address(host, not_a_literal);
    if (!not_a_literal)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

Status prepare(TlsStream::Socket& socket) {
    boost::system::error_code error;
    socket.non_blocking(true, error);
    if (error) return fail(ErrorCode::io_failed, "socket: " + error.message());
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    return {};
}

}  // namespace

// Without a word of closure OpenSSL would take the session for spoilt and never resume it.
void TlsStream::SslFree::operator()(ssl_st* ssl) const {
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl);
}

Result<TlsStream> TlsStream::accepted(Socket socket) {
    SHIKAKU_TRY(prepare(socket));
    return TlsStream(std::move(socket), nullptr);
}

Status TlsStream::speak_tls(const TlsContext& tls) {
    SHIKAKU_TRY_LET(auto ssl, new_ssl(tls, socket_.native_handle()));
    SSL_set_accept_state(ssl.get());
    ssl_ = std::move(ssl);
    return {};
}

Result<TlsStream> TlsStream::connected(Socket socket, const TlsContext* tls,
                                       const std::string& host, TlsSessionSlot* sessions) {
    SHIKAKU_TRY(prepare(socket));
    if (tls == nullptr) return TlsStream(std::move(socket), nullptr);
    SHIKAKU_TRY_LET(auto ssl, new_ssl(*tls, socket.native_handle()));
    SSL_set_connect_state(ssl.get());
    if (!expect_host(ssl.get(), host))
        return fail(ErrorCode::bad_configuration, "host name " + host);
    if (sessions != nullptr) sessions->attach(ssl.get());
    return TlsStream(std::move(socket), std::move(ssl));
}

IoOutcome TlsStream::outcome_of(int result, std::size_t bytes) {
    if (result > 0) return {Io::done, bytes};
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return {Io::want_read};
        case SSL_ERROR_WANT_WRITE:
            return {Io::want_write};
        case SSL_ERROR_WANT_X509_LOOKUP:
            return {Io::full_handshake};
        case SSL_ERROR_ZERO_RETURN:
            return {Io::closed};
        default:
            break;
    }
    const unsigned long code = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(code);
    if (reason != nullptr) failure_ = reason;
    trouble_ = trouble_from(ERR_GET_REASON(code));
    if (ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
        remember_refusal(ssl_.get(), TlsRefusal::no_certificate);
    ERR_clear_error();
    return {ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? Io::truncated
                                                                       : Io::failed};
}

IoOutcome TlsStream::handshake() {
    if (!ssl_) return {Io::done};
    forget_old_errors();
    allow_reads(SSL_get_rbio(ssl_.get()), bounds::kTlsReadsInARow);
    return within_bounds(outcome_of(SSL_do_handshake(ssl_.get()), 0));
}

IoOutcome TlsStream::read(std::span<char> out) {
    if (!ssl_) {
        return plain_outcome(::recv(socket_.native_handle(), out.data(), out.size(), 0),
                             Io::want_read);
    }
    forget_old_errors();
    allow_reads(SSL_get_rbio(ssl_.get()), bounds::kTlsReadsInARow);
    std::size_t n = 0;
    const int result = SSL_read_ex(ssl_.get(), out.data(), out.size(), &n);
    note_record(n);
    return within_bounds(outcome_of(result, n));
}

// A record costs the same with one byte in it as with a thousand.
void TlsStream::note_record(std::size_t bytes) {
    if (bytes == 0) return;
    const auto worth = static_cast<int>(bytes / bounds::kTlsRecordWorth);
    small_records_ = std::max(0, small_records_ + 1 - worth);
}

// OpenSSL goes on within one call as long as messages without data come, past every deadline.
IoOutcome TlsStream::within_bounds(IoOutcome outcome) {
    if (messages_of(ssl_.get()) > bounds::kTlsMessages) {
        failure_ = "messages without end";
        return {Io::failed};
    }
    if (small_records_ > bounds::kTlsSmallRecords) {
        failure_ = "records too small for their number";
        return {Io::failed};
    }
    if (outcome.io == Io::want_read && held_back(SSL_get_rbio(ssl_.get()))) return {Io::again};
    return outcome;
}

IoOutcome TlsStream::write(std::string_view data) {
    if (!ssl_) {
        return plain_outcome(
            ::send(socket_.native_handle(), data.data(), data.size(), MSG_NOSIGNAL),
            Io::want_write);
    }
    forget_old_errors();
    std::size_t n = 0;
    const int result = SSL_write_ex(ssl_.get(), data.data(), data.size(), &n);
    return outcome_of(result, n);
}

void TlsStream::forget_messages() {
    small_records_ = 0;
    if (ssl_ && messages_of(ssl_.get()) != 0)
        SSL_set_ex_data(ssl_.get(), messages_index(), nullptr);
}

void TlsStream::finish_writing() {
    if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) {
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

IoOutcome TlsStream::discard() {
    std::array<char, 4096> bytes;
    return plain_outcome(::recv(socket_.native_handle(), bytes.data(), bytes.size(), 0),
                         Io::want_read);
}

void TlsStream::reset() {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

bool TlsStream::has_pending() const {
    return ssl_ && SSL_has_pending(ssl_.get()) == 1;
}

bool TlsStream::resumed() const {
    return ssl_ && SSL_session_reused(ssl_.get()) == 1;
}

Result<std::shared_ptr<const crypto::Certificate>> TlsStream::peer(PeerCertificates& known) const {
    X509* certificate = ssl_ ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
    if (certificate == nullptr) return nullptr;
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size <= 0) return fail(ErrorCode::internal, "certificate cannot be written as DER");
    auto shared = known.of({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return shared;
}

TlsStream::Parked::~Parked() {
    ssl.reset();
    if (descriptor >= 0) ::close(descriptor);
}

bool TlsStream::Parked::still_open() const {
    if (ssl && SSL_has_pending(ssl.get()) == 1) return false;
    char byte = 0;
    return ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

Result<TlsStream::Parked> TlsStream::park(TlsStream stream) {
    boost::system::error_code error;
    const int descriptor = stream.socket_.release(error);
    if (error) return fail(ErrorCode::io_failed, "socket: " + error.message());
    return Parked(descriptor, std::move(stream.ssl_));
}

Result<TlsStream> TlsStream::unpark(Parked parked, asio::io_context& on) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(parked.descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return fail(ErrorCode::io_failed, "socket was lost");
    Socket socket(on);
    boost::system::error_code error;
    socket.assign(address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(),
                  parked.descriptor, error);
    if (error) return fail(ErrorCode::io_failed, "socket: " + error.message());
    parked.descriptor = -1;
    SHIKAKU_TRY(prepare(socket));
    return TlsStream(std::move(socket), std::move(parked.ssl));
}

}  // namespace shikaku::http
