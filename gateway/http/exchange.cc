#include "gateway/http/exchange.h"

#include <algorithm>
#include <typeinfo>

#include "gateway/http/last_words.h"
#include "gateway/http/response_writer.h"
#include "gateway/support/log.h"

namespace shikaku::http {

using namespace std::chrono_literals;

namespace {

// Head and body together up to here leave in one TLS record and one system call.
constexpr std::size_t kRecordBytes = 16 * 1024;
// Of a streamed body, in memory at once: the piece that is used, and the next.
constexpr std::uint64_t kStreamedBytes = 2 * bounds::kStreamPieceBytes;

}  // namespace

// While a handler waits for its client's next bytes: with a deadline, and the connection may be
// closed for another. However the wait ends, the handler is at work again.
class Exchange::AtClient {
  public:
    AtClient(Exchange& exchange, std::chrono::milliseconds patience) : exchange_(exchange) {
        exchange_.link_.enter(Phase::body, patience);
        exchange_.place_.idle();
    }
    ~AtClient() {
        exchange_.place_.busy();
        exchange_.link_.enter_serving();
    }
    AtClient(const AtClient&) = delete;
    AtClient& operator=(const AtClient&) = delete;

  private:
    Exchange& exchange_;
};

// The body as a service pulls it, piece by piece.
class Exchange::StreamedBody final : public BodySource {
  public:
    explicit StreamedBody(Exchange& exchange) : exchange_(exchange) {}

    asio::awaitable<Result<std::string>> next() override {
        std::string piece;
        if (exchange_.body_.done()) co_return piece;
        if (!exchange_.trust_.holds())
            co_return fail(ErrorCode::client_certificate_required,
                           "the certificate or a revocation list has come to its end");
        if (!co_await exchange_.invite_body()) co_return fail(ErrorCode::io_failed, "client left");
        const auto asked = Clock::now();
        const auto patience = patience_at(asked);
        if (patience <= 0ms) {
            exchange_.thread_.server.metrics.timed_out(Phase::body);
            co_return fail(ErrorCode::request_timeout, "upload too slow");
        }
        const AtClient waiting(exchange_, patience);
        for (;;) {
            SHIKAKU_CO_TRY_LET(const auto step,
                               exchange_.pump_body(piece, bounds::kStreamPieceBytes));
            if (step == Step::lost) co_return fail(ErrorCode::io_failed, "client left");
            if (step == Step::done) break;
            if (!piece.empty()) {
                if (step == Step::enough || exchange_.blocked_on_ == Io::again)
                    static_cast<void>(co_await exchange_.link_.wait(Io::again));
                break;
            }
            if (!co_await exchange_.link_.wait(exchange_.blocked_on_)) {
                if (exchange_.place_.sent_away())
                    co_return fail(ErrorCode::overloaded, "others needed this connection's place");
                co_return exchange_.link_.expired()
                    ? fail(ErrorCode::request_timeout, "body too slow")
                    : fail(ErrorCode::io_failed, "client left");
            }
        }
        waited_ += Clock::now() - asked;
        bytes_ += piece.size();
        co_return piece;
    }

  private:
    using Clock = std::chrono::steady_clock;

    // For the next piece: as for any body, but the whole upload has an end, and a pace on average.
    [[nodiscard]] std::chrono::milliseconds patience_at(Clock::time_point now) const {
        using std::chrono::milliseconds;
        const auto& options = exchange_.thread_.server.options;
        const milliseconds earned(bytes_ * 1000 / options.upload_bytes_per_second);
        const auto by_pace = options.times.body + earned - waited_;
        const auto by_end = begun_ + options.times.upload - now;
        return std::min({options.times.body, std::chrono::ceil<milliseconds>(by_pace),
                         std::chrono::ceil<milliseconds>(by_end)});
    }

    Exchange& exchange_;
    const Clock::time_point begun_ = Clock::now();
    Clock::duration waited_{};  // for the client
    std::uint64_t bytes_ = 0;
};

asio::awaitable<After> Exchange::run() {
    buffers_.parser.start();
    for (;;) {
        auto step = read_head();
        if (!step) co_return co_await refuse_unread(std::move(step.error()));
        if (*step == Step::done) break;
        if (*step == Step::lost) co_return After::drop;
        if (buffers_.input.empty() && blocked_on_ != Io::again) co_return After::idle;
        if (!co_await link_.wait(blocked_on_)) co_return co_await without_head();
    }

    auto plan = admit();
    if (!plan) co_return co_await answer_error(std::move(plan.error()));
    StreamedBody stream(*this);
    request_.stream = plan->stream ? &stream : nullptr;
    const bool unread = leaves_unread(*plan);
    if (!plan->stream && !body_.done() && !unread) {
        if (auto read = co_await read_body(); !read) {
            if (place_.sent_away()) co_return co_await sent_away();
            if (read.error().code == ErrorCode::io_failed) co_return After::drop;
            if (!plan->refused) co_return co_await answer_error(std::move(read.error()));
            request_.body.clear();
        }
    }

    place_.busy();
    link_.enter_serving();
    Response response;
    bool threw = false;
    try {
        response = co_await thread_.server.service.serve(request_);
    } catch (const std::exception& e) {
        count_bug("handler", typeid(e).name());
        threw = true;
    }
    if (threw) response = co_await refusal({ErrorCode::internal});
    co_return co_await send(std::move(response));
}

Exchange::Step Exchange::note_blocked(Io io) {
    if (io != Io::want_read && io != Io::want_write && io != Io::again) return Step::lost;
    blocked_on_ = io;
    return Step::more;
}

Result<Exchange::Step> Exchange::read_head() {
    InputBuffer& input = buffers_.input;
    if (!input.empty() && link_.phase() != Phase::header)
        link_.enter(Phase::header, times().header);
    for (;;) {
        SHIKAKU_TRY_LET(auto length, buffers_.parser.parse(input.view(), request_));
        if (length) {
            input.consume(*length);
            return Step::done;
        }
        const IoOutcome got = link_.stream().read(input.space());
        if (got.io != Io::done) return note_blocked(got.io);
        if (input.empty()) link_.enter(Phase::header, times().header);
        input.commit(got.bytes);
    }
}

asio::awaitable<After> Exchange::without_head() {
    if (place_.sent_away()) co_return co_await sent_away();
    if (!link_.expired()) co_return After::drop;
    co_return co_await refuse_unread({ErrorCode::request_timeout, "head too slow"});
}

// Its place is taken already: it reads why if it reads at once.
asio::awaitable<After> Exchange::sent_away() {
    if (co_await thread_.server.service.ends({.peer = request_.peer.get()})) {
        thread_.server.metrics.answered(503);
        std::string_view why = closed_for_another();
        static_cast<void>(link_.write_some(why));
    }
    co_return After::drop;
}

// Nothing of the request is known, and what the buffers hold may be another one's.
asio::awaitable<After> Exchange::refuse_unread(Error error) {
    request_.method = Method::other;
    request_.path.clear();
    request_.query.clear();
    request_.headers.clear();
    request_.body.clear();
    request_.stream = nullptr;
    request_.refused = false;
    request_.admission.reset();
    must_close_ = true;
    co_return co_await send(co_await refusal(std::move(error)));
}

Result<BodyPlan> Exchange::admit() {
    const Framing& framing = buffers_.parser.framing();
    request_.body.clear();
    request_.stream = nullptr;
    request_.refused = false;
    request_.admission.reset();
    must_close_ = !buffers_.parser.keep_alive();
    body_ =
        framing.chunked ? BodyDecoder::chunked(0) : BodyDecoder::counted(framing.content_length);
    continue_due_ = framing.expects_continue;

    Result<BodyPlan> plan = fail(ErrorCode::internal);
    try {
        plan = thread_.server.service.plan(request_);
    } catch (const std::exception& e) {
        count_bug("plan", typeid(e).name());
    }
    if (!plan) return plan;
    request_.refused = plan->refused;
    if (framing.content_length > plan->bytes_max && !plan->refused)
        return fail(ErrorCode::body_too_large, "Content-Length over the limit");
    if (framing.chunked) body_ = BodyDecoder::chunked(plan->bytes_max);
    if (!body_.done() && !leaves_unread(*plan)) {
        const std::uint64_t all = framing.chunked ? plan->bytes_max : framing.content_length;
        const std::uint64_t bytes =
            std::min(all, plan->stream ? kStreamedBytes : std::uint64_t{bounds::kApiBodyBytes});
        SHIKAKU_TRY_LET(auto share,
                        thread_.server.bodies.take(place_.client()->body_bytes, bytes, all));
        body_share_ = std::move(share);
    }
    return plan;
}

// Of a refused request: a body that is too long, or that the client would not send unasked.
bool Exchange::leaves_unread(const BodyPlan& plan) const {
    const Framing& framing = buffers_.parser.framing();
    return plan.refused && (continue_due_ || framing.content_length > plan.bytes_max ||
                            (framing.chunked && plan.bytes_max == 0));
}

// A client that waits for "100 Continue" gets it when its body is wanted.
asio::awaitable<bool> Exchange::invite_body() {
    if (!std::exchange(continue_due_, false) || !buffers_.input.empty()) co_return true;
    co_return co_await write(kContinue);
}

Result<Exchange::Step> Exchange::pump_body(std::string& out, std::size_t enough) {
    InputBuffer& input = buffers_.input;
    std::size_t in_this_turn = 0;
    for (int reads = 0;; ++reads) {
        SHIKAKU_TRY_LET(const auto taken, body_.decode(input.view(), out));
        input.consume(taken);
        in_this_turn += taken;
        if (body_.done()) return Step::done;
        if (out.size() >= enough) return Step::enough;
        if (in_this_turn >= thread_.server.options.read_turn || reads == bounds::kReadsInARow) {
            blocked_on_ = Io::again;
            return Step::more;
        }
        const IoOutcome got = link_.stream().read(input.space());
        if (got.io != Io::done) return note_blocked(got.io);
        input.commit(got.bytes);
    }
}

// What came beyond the share takes as much again.
Status Exchange::pay_for(const std::string& body) {
    while (body.size() > body_share_.bytes())
        SHIKAKU_TRY(thread_.server.bodies.grow(body_share_, bounds::kApiBodyBytes));
    return {};
}

asio::awaitable<Status> Exchange::read_body() {
    if (!co_await invite_body()) co_return fail(ErrorCode::io_failed, "client left");
    link_.enter(Phase::body, times().body);
    for (;;) {
        const std::size_t enough = request_.body.size() + bounds::kApiBodyBytes;
        SHIKAKU_CO_TRY_LET(const auto step, pump_body(request_.body, enough));
        SHIKAKU_CO_TRY(pay_for(request_.body));
        if (step == Step::enough) blocked_on_ = Io::again;
        if (step == Step::done) co_return Status{};
        if (step == Step::lost) co_return fail(ErrorCode::io_failed, "client left");
        if (co_await link_.wait(blocked_on_)) continue;
        co_return link_.expired() ? fail(ErrorCode::request_timeout, "body too slow")
                                  : fail(ErrorCode::io_failed, "client left");
    }
}

asio::awaitable<After> Exchange::answer_error(Error error) {
    request_.body.clear();
    co_return co_await send(co_await refusal(std::move(error)));
}

asio::awaitable<Response> Exchange::refusal(Error error) {
    Response response;
    response.status = info(error.code).http_status;
    link_.enter_serving();
    try {
        response = co_await thread_.server.service.refuse(std::move(error), request_);
    } catch (const std::exception& e) {
        count_bug("refuse", typeid(e).name());
    }
    co_return response;
}

// Of an answer that may have to wait in memory until a slow client has read it.
Result<BodyBudget::Share> Exchange::share_for(const Response& response) {
    if (response.stream || response.body.size() <= bounds::kResponseUncounted)
        return BodyBudget::Share();
    return thread_.server.responses.take(place_.client()->response_bytes, response.body.size());
}

asio::awaitable<After> Exchange::send(Response response) {
    auto share = share_for(response);
    if (!share) response = co_await refusal(std::move(share.error()));
    // A body that was not read to its end would be taken for the next request.
    must_close_ = must_close_ || response.close || thread_.server.draining || place_.sent_away() ||
                  !body_.done();
    const ResponseShape shape{.close = must_close_,
                              .http_1_0 = buffers_.parser.is_http_1_0(),
                              .head_request = request_.method == Method::head};
    thread_.server.metrics.answered(response.status);
    std::string& out = buffers_.output;
    out.clear();
    const bool with_body = carries_body(response, shape);
    if (response.stream && with_body && shape.http_1_0) must_close_ = true;
    if (!write_head(response, shape, out)) count_bug("field", "response field left out");
    if (response.stream && with_body) co_return co_await send_pieces(response, !shape.http_1_0);

    std::string_view tail = with_body ? response.content() : std::string_view();
    const std::size_t along =
        out.size() < kRecordBytes ? std::min(tail.size(), kRecordBytes - out.size()) : 0;
    out.append(tail.substr(0, along));
    tail.remove_prefix(along);
    std::string_view front = out;
    if (!link_.write_some(front)) co_return After::drop;
    if (!front.empty() && !co_await write(front)) co_return After::drop;
    if (!tail.empty() && !co_await write(tail)) co_return After::drop;
    co_return must_close_ ? After::close : After::next;
}

// An error cuts the connection: the client must not take what it got for the whole. So does the end
// of what its certificate rests on.
asio::awaitable<After> Exchange::send_pieces(Response& response, bool chunked) {
    std::string& out = buffers_.output;
    for (;;) {
        link_.enter_serving();
        if (!trust_.holds()) {
            trust_.tell_lost();
            link_.stream().reset();
            co_return After::drop;
        }
        Result<std::string> piece = fail(ErrorCode::internal);
        try {
            piece = co_await response.stream();
        } catch (const std::exception& e) {
            count_bug("response stream", typeid(e).name());
        }
        if (!piece) {
            link_.stream().reset();
            co_return After::drop;
        }
        if (!chunked) {
            out.append(*piece);
        } else if (piece->empty()) {
            write_last_chunk(out);
        } else {
            write_chunk(*piece, out);
        }
        if (!co_await write(out)) co_return After::drop;
        out.clear();
        if (piece->empty()) co_return must_close_ ? After::close : After::next;
    }
}

asio::awaitable<bool> Exchange::write(std::string_view rest) {
    link_.enter(Phase::write, times().write);
    co_return co_await link_.write_all(rest);
}

void Exchange::count_bug(std::string_view where, std::string_view what) {
    thread_.server.metrics.bugs.Increment();
    log_error("bug in an exchange", {{"where", where}, {"what", what}});
}

}  // namespace shikaku::http
