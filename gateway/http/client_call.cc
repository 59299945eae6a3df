#include "gateway/http/client_call.h"

#include "gateway/http/response_writer.h"
#include "gateway/support/text.h"

namespace shikaku::http {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;

bool has_control(std::string_view text, bool blanks_too) {
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (u < 0x20 || u == 0x7f || (blanks_too && u == ' ')) return true;
    }
    return false;
}

bool is_ours(std::string_view name) {
    for (const std::string_view ours :
         {"Host", "Content-Length", "Transfer-Encoding", "Connection"}) {
        if (iequals(name, ours)) return true;
    }
    return false;
}

bool may_carry_body(Method method) {
    return method == Method::post || method == Method::put;
}

}  // namespace

Result<std::string> request_head(const ClientRequest& request, const std::string& authority) {
    const auto bad = [](std::string_view what) {
        return fail(ErrorCode::internal, "request cannot be sent: " + std::string(what));
    };
    if (request.method == Method::other) return bad("method");
    if (!request.target.starts_with('/') || has_control(request.target, true)) return bad("target");
    std::string head;
    head.append(name(request.method)).append(" ").append(request.target);
    head.append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
    for (const Header& header : request.headers) {
        if (header.name.empty() || has_control(header.name, true) ||
            header.name.find(':') != std::string::npos || has_control(header.value, false) ||
            is_ours(header.name))
            return bad("field " + header.name);
        head.append(header.name).append(": ").append(header.value).append("\r\n");
    }
    if (has_control(request.content_type, false)) return bad("content type");
    if (!request.content_type.empty())
        head.append("Content-Type: ").append(request.content_type).append("\r\n");
    if (request.body_pieces) {
        head.append("Transfer-Encoding: chunked\r\n");
    } else if (!request.body.empty() || may_carry_body(request.method)) {
        head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    }
    return head.append("\r\n");
}

ClientCall::ClientCall(Link& link, const ClientRequest& request, const std::string& authority)
    : link_(link),
      request_(request),
      authority_(authority),
      parser_(request.method == Method::head, request.response_bytes_max) {}

asio::awaitable<Result<ClientResponse>> ClientCall::run() {
    link_.stream().forget_messages();
    const Status written = co_await write_request();
    if (!written && written.error().code != ErrorCode::io_failed) co_return fail(written.error());
    // A server that refuses a body stops reading it: its answer is there although writing failed.
    auto response = co_await read_response();
    if (response && written) {
        reusable_ = parser_.keep_alive() && input_.empty() && !link_.stream().has_pending();
    }
    co_return response;
}

asio::awaitable<Status> ClientCall::write_request() {
    SHIKAKU_CO_TRY_LET(auto head, request_head(request_, authority_));
    if (request_.body_pieces) co_return co_await write_pieces(std::move(head));

    std::string_view tail = request_.body;
    const std::size_t along =
        head.size() < kRecordBytes ? std::min(tail.size(), kRecordBytes - head.size()) : 0;
    head.append(tail.substr(0, along));
    tail.remove_prefix(along);
    if (!co_await link_.write_all(head)) co_return fail(ErrorCode::io_failed, "connection lost");
    if (!tail.empty() && !co_await link_.write_all(tail))
        co_return fail(ErrorCode::io_failed, "connection lost");
    co_return Status{};
}

asio::awaitable<Status> ClientCall::write_pieces(std::string head) {
    std::string out = std::move(head);
    for (;;) {
        SHIKAKU_CO_TRY_LET(const auto piece, request_.body_pieces());
        if (piece.empty()) {
            write_last_chunk(out);
        } else {
            write_chunk(piece, out);
        }
        if (!co_await link_.write_all(out)) co_return fail(ErrorCode::io_failed, "connection lost");
        if (piece.empty()) co_return Status{};
        out.clear();
        // An answer before the end of the body: the server wants no more of it.
        SHIKAKU_CO_TRY_LET(const auto answered, receive());
        if (answered || ended_) co_return fail(ErrorCode::io_failed, "answered early");
    }
}

asio::awaitable<Result<ClientResponse>> ClientCall::read_response() {
    for (;;) {
        SHIKAKU_CO_TRY_LET(const auto complete, receive());
        if (complete) co_return std::move(parser_.response());
        if (!co_await link_.wait(blocked_on_))
            co_return fail(ErrorCode::io_failed, "connection lost");
    }
}

Result<bool> ClientCall::receive() {
    for (;;) {
        const auto complete = parser_.take(input_);
        if (!complete || *complete) return complete;
        if (ended_) return fail(ErrorCode::io_failed, "connection lost");
        const IoOutcome got = link_.stream().read(input_.space());
        switch (got.io) {
            case Io::done:
                unheard_ = false;
                input_.commit(got.bytes);
                break;
            case Io::want_read:
            case Io::want_write:
            case Io::again:
                blocked_on_ = got.io;
                return false;
            case Io::closed:
            case Io::truncated: {
                ended_ = true;
                SHIKAKU_TRY(parser_.end_of_stream(got.io == Io::closed));
                return true;
            }
            case Io::full_handshake:
            case Io::failed:
                return fail(ErrorCode::io_failed, link_.stream().failure());
        }
    }
}

}  // namespace shikaku::http
