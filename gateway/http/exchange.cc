#include "gateway/http/exchange.h"

#include <limits>
#include <typeinfo>

#include "gateway/http/response_writer.h"
#include "gateway/support/log.h"

namespace shikaku::http {
namespace {

// Head and body together up to here leave in one TLS record and one system call.
constexpr std::size_t kRecordBytes = 16 * 1024;

}  // namespace

// The body as a service pulls it, piece by piece.
class Exchange::StreamedBody final : public BodySource {
  public:
    explicit StreamedBody(Exchange& exchange) : exchange_(exchange) {}

    asio::awaitable<Result<std::string>> next() override {
        std::string piece;
        if (exchange_.body_.done()) co_return piece;
        if (!co_await exchange_.invite_body()) co_return fail(ErrorCode::io_failed, "client left");
        exchange_.link_.enter(Phase::body, exchange_.times().body);
        for (;;) {
            const auto step = exchange_.pump_body(piece, bounds::kStreamPieceBytes);
            if (!step) co_return fail(step.error());
            if (*step == Step::lost) co_return fail(ErrorCode::io_failed, "client left");
            if (*step != Step::more || !piece.empty()) break;
            if (!co_await exchange_.link_.wait(exchange_.blocked_on_)) {
                co_return exchange_.link_.expired()
                    ? fail(ErrorCode::request_timeout, "body too slow")
                    : fail(ErrorCode::io_failed, "client left");
            }
        }
        exchange_.link_.enter_serving();
        co_return piece;
    }

  private:
    Exchange& exchange_;
};

asio::awaitable<After> Exchange::run() {
    buffers_.parser.start();
    for (;;) {
        auto step = read_head();
        if (!step) co_return co_await refuse_unread(std::move(step.error()));
        if (*step == Step::done) break;
        if (*step == Step::lost) co_return After::drop;
        if (buffers_.input.empty()) co_return After::idle;
        if (!co_await link_.wait(blocked_on_)) co_return co_await without_head();
    }

    auto plan = admit();
    if (!plan) co_return co_await answer_error(std::move(plan.error()));
    StreamedBody stream(*this);
    request_.stream = plan->stream ? &stream : nullptr;
    if (!plan->stream && !body_.done()) {
        if (auto read = co_await read_body(); !read) {
            if (read.error().code == ErrorCode::io_failed) co_return After::drop;
            co_return co_await answer_error(std::move(read.error()));
        }
    }

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
    if (io != Io::want_read && io != Io::want_write) return Step::lost;
    blocked_on_ = io;
    return Step::more;
}

Result<Exchange::Step> Exchange::read_head() {
    InputBuffer& input = buffers_.input;
    if (!input.empty() && link_.phase() != Phase::header)
        link_.enter(Phase::header, times().header);
    for (;;) {
        auto length = buffers_.parser.parse(input.view(), request_);
        if (!length) return fail(std::move(length.error()));
        if (*length) {
            input.consume(**length);
            return Step::done;
        }
        const IoOutcome got = link_.stream().read(input.space());
        if (got.io != Io::done) return note_blocked(got.io);
        if (input.empty()) link_.enter(Phase::header, times().header);
        input.commit(got.bytes);
    }
}

asio::awaitable<After> Exchange::without_head() {
    if (!link_.expired()) co_return After::drop;
    co_return co_await refuse_unread({ErrorCode::request_timeout, "head too slow"});
}

// Nothing of the request is known, and what the buffers hold may be another one's.
asio::awaitable<After> Exchange::refuse_unread(Error error) {
    request_.method = Method::other;
    request_.path.clear();
    request_.query.clear();
    request_.headers.clear();
    request_.body.clear();
    request_.stream = nullptr;
    must_close_ = true;
    co_return co_await send(co_await refusal(std::move(error)));
}

Result<BodyPlan> Exchange::admit() {
    const Framing& framing = buffers_.parser.framing();
    request_.body.clear();
    request_.stream = nullptr;
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
    if (framing.content_length > plan->bytes_max)
        return fail(ErrorCode::body_too_large, "Content-Length over the limit");
    if (framing.chunked) body_ = BodyDecoder::chunked(plan->bytes_max);
    return plan;
}

// A client that waits for "100 Continue" gets it when its body is wanted.
asio::awaitable<bool> Exchange::invite_body() {
    if (!std::exchange(continue_due_, false) || !buffers_.input.empty()) co_return true;
    co_return co_await write(kContinue);
}

Result<Exchange::Step> Exchange::pump_body(std::string& out, std::size_t enough) {
    InputBuffer& input = buffers_.input;
    for (;;) {
        const auto taken = body_.decode(input.view(), out);
        if (!taken) return fail(taken.error());
        input.consume(*taken);
        if (body_.done()) return Step::done;
        if (out.size() >= enough) return Step::enough;
        const IoOutcome got = link_.stream().read(input.space());
        if (got.io != Io::done) return note_blocked(got.io);
        input.commit(got.bytes);
    }
}

asio::awaitable<Status> Exchange::read_body() {
    if (!co_await invite_body()) co_return fail(ErrorCode::io_failed, "client left");
    link_.enter(Phase::body, times().body);
    for (;;) {
        const auto step = pump_body(request_.body, std::numeric_limits<std::size_t>::max());
        if (!step) co_return fail(step.error());
        if (*step == Step::done) co_return Status{};
        if (*step == Step::lost) co_return fail(ErrorCode::io_failed, "client left");
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

asio::awaitable<After> Exchange::send(Response response) {
    // A body that was not read to its end would be taken for the next request.
    must_close_ = must_close_ || response.close || thread_.server.draining || !body_.done();
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

    std::string_view tail = with_body ? std::string_view(response.body) : std::string_view();
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

// An error cuts the connection: the client must not take what it got for the whole.
asio::awaitable<After> Exchange::send_pieces(Response& response, bool chunked) {
    std::string& out = buffers_.output;
    for (;;) {
        link_.enter_serving();
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
