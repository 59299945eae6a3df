// One request read, served and answered on a link. What is at hand is read and written at once;
// coroutines are entered only to wait. Belongs to one thread.
#pragma once

#include "gateway/http/body_decoder.h"
#include "gateway/http/link.h"
#include "gateway/http/peer_trust.h"
#include "gateway/http/server_state.h"

namespace shikaku::http {

// What becomes of the connection after an exchange.
enum class After : std::uint8_t {
    next,   // the next request may come
    idle,   // nothing of a next request is there
    close,  // the answer was the last one: let the client read it, then close
    drop,   // the connection is lost, or must end with an error
};

class Exchange {
  public:
    Exchange(ThreadState& thread, Link& link, Place& place, PeerTrust& trust,
             ExchangeBuffers& buffers)
        : thread_(thread),
          link_(link),
          place_(place),
          trust_(trust),
          buffers_(buffers),
          request_(buffers.request) {}

    [[nodiscard]] asio::awaitable<After> run();

  private:
    class StreamedBody;
    class AtClient;
    enum class Step : std::uint8_t { done, more, enough, lost };

    [[nodiscard]] Result<Step> read_head();
    [[nodiscard]] asio::awaitable<After> without_head();
    [[nodiscard]] asio::awaitable<After> sent_away();
    [[nodiscard]] asio::awaitable<After> refuse_unread(Error error);
    [[nodiscard]] Result<BodyPlan> admit();
    [[nodiscard]] bool leaves_unread(const BodyPlan& plan) const;
    [[nodiscard]] asio::awaitable<bool> invite_body();
    [[nodiscard]] Result<Step> pump_body(std::string& out, std::size_t enough);
    [[nodiscard]] asio::awaitable<Status> read_body();
    [[nodiscard]] Status pay_for(const std::string& body);
    [[nodiscard]] asio::awaitable<After> answer_error(Error error);
    [[nodiscard]] asio::awaitable<After> send(Response response);
    [[nodiscard]] Result<BodyBudget::Share> share_for(const Response& response);
    [[nodiscard]] asio::awaitable<After> send_pieces(Response& response, bool chunked);

    [[nodiscard]] asio::awaitable<bool> write(std::string_view rest);

    [[nodiscard]] Step note_blocked(Io io);
    [[nodiscard]] asio::awaitable<Response> refusal(Error error);
    void count_bug(std::string_view where, std::string_view what);
    [[nodiscard]] const ServerTimes& times() const { return thread_.server.options.times; }

    ThreadState& thread_;
    Link& link_;
    Place& place_;
    PeerTrust& trust_;
    ExchangeBuffers& buffers_;
    Request& request_;
    BodyDecoder body_;
    BodyBudget::Share body_share_;
    Io blocked_on_ = Io::want_read;
    bool continue_due_ = false;
    bool must_close_ = false;
};

}  // namespace shikaku::http
