// One connection's bytes, over TLS or plain TCP, without a thread or a coroutine of its own: every
// operation does what it can at once and says what it waits for. OpenSSL works on the non-blocking
// socket itself, its record buffers exist only while a record is in flight, so that an idle
// connection costs little memory. Not thread-safe; never raises SIGPIPE.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/http/peer_certificates.h"
#include "gateway/http/tls.h"
#include "gateway/http/tls_session_slot.h"
#include "gateway/support/result.h"

namespace shikaku::http {

namespace asio = boost::asio;

enum class Io : std::uint8_t {
    done,
    want_read,
    want_write,
    full_handshake,  // of a server's handshake(): it is not a resumed one; the next call goes on
    again,           // enough read without an end or a byte of data: others' turn, then on
    closed,          // by the peer, in order: end of file, over TLS announced
    truncated,       // end of file over TLS without a close_notify
    failed,
};

struct IoOutcome {
    Io io = Io::failed;
    std::size_t bytes = 0;  // when done
};

class TlsStream {
  public:
    // Bound to its io_context: a type-erased executor costs an idle connection 100 bytes.
    using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
    struct SslFree {
        void operator()(ssl_st* ssl) const;
    };
    using SslPtr = std::unique_ptr<ssl_st, SslFree>;

    // Plain, until it is told to speak TLS, whose memory is not spent on who has said nothing yet.
    [[nodiscard]] static Result<TlsStream> accepted(Socket socket);
    [[nodiscard]] Status speak_tls(const TlsContext& tls);
    // Plain when `tls` is null.
    // `host` is what the server's certificate must carry: a name or an IP literal.
    [[nodiscard]] static Result<TlsStream> connected(Socket socket, const TlsContext* tls,
                                                     const std::string& host,
                                                     TlsSessionSlot* sessions);

    [[nodiscard]] IoOutcome handshake();
    [[nodiscard]] IoOutcome read(std::span<char> out);
    [[nodiscard]] IoOutcome write(std::string_view data);
    // TLS messages are counted against bounds::kTlsMessages from here on, records of a few bytes
    // against bounds::kTlsSmallRecords.
    void forget_messages();
    // Says that nothing more will be written: close_notify, then the end of the stream.
    void finish_writing();
    // Reads and forgets what the peer still sends, beneath TLS.
    [[nodiscard]] IoOutcome discard();
    // Ends the connection so that the peer sees an error rather than an end.
    void reset();

    // Bytes that were received but not read: no readiness event would announce them.
    [[nodiscard]] bool has_pending() const;
    [[nodiscard]] bool is_tls() const { return ssl_ != nullptr; }
    [[nodiscard]] ssl_st* tls() const { return ssl_.get(); }
    [[nodiscard]] bool resumed() const;
    // Null on plain connections, and where the context asked for no certificate.
    [[nodiscard]] Result<std::shared_ptr<const crypto::Certificate>> peer(
        PeerCertificates& known) const;
    // Why the connection failed: OpenSSL's reason, no data of the peer.
    [[nodiscard]] const char* failure() const { return failure_; }
    // In TLS 1.3 a server refuses our certificate after our side of the handshake is done.
    [[nodiscard]] TlsTrouble trouble() const { return trouble_; }

    [[nodiscard]] Socket& socket() { return socket_; }

    // An idle connection leaves its io_context and may enter another one.
    struct Parked {
        int descriptor = -1;
        SslPtr ssl;

        Parked(int fd, SslPtr tls) : descriptor(fd), ssl(std::move(tls)) {}
        Parked(Parked&& other) noexcept
            : descriptor(std::exchange(other.descriptor, -1)), ssl(std::move(other.ssl)) {}
        Parked& operator=(Parked&& other) noexcept {
            std::swap(descriptor, other.descriptor);
            ssl.swap(other.ssl);
            return *this;
        }
        ~Parked();
        // Nothing arrived meanwhile, not even the end.
        [[nodiscard]] bool still_open() const;
    };
    [[nodiscard]] static Result<Parked> park(TlsStream stream);
    [[nodiscard]] static Result<TlsStream> unpark(Parked parked, asio::io_context& on);

  private:
    TlsStream(Socket socket, SslPtr ssl) : socket_(std::move(socket)), ssl_(std::move(ssl)) {}
    [[nodiscard]] IoOutcome outcome_of(int result, std::size_t bytes);
    [[nodiscard]] IoOutcome within_bounds(IoOutcome outcome);
    void note_record(std::size_t bytes);

    Socket socket_;
    SslPtr ssl_;
    const char* failure_ = "connection lost";
    TlsTrouble trouble_ = TlsTrouble::none;
    int small_records_ = 0;  // so many more than their bytes are worth
};

}  // namespace shikaku::http
