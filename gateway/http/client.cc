#include "gateway/http/client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/http/call_deadline.h"
#include "gateway/http/client_call.h"
#include "gateway/http/client_pool.h"
#include "gateway/http/client_url.h"

namespace shikaku::http {
namespace {

using Tcp = asio::ip::tcp;
using Endpoints = std::vector<Tcp::endpoint>;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// Every coroutine that calls a client runs on an io_context.
asio::io_context& io_context_of(const asio::any_io_executor& executor) {
    return static_cast<asio::io_context&>(asio::query(executor, asio::execution::context));
}

}  // namespace

struct Client::Impl {
    Impl(ClientUrl u, std::shared_ptr<TlsContext> t) : url(std::move(u)), tls(std::move(t)) {}

    [[nodiscard]] asio::awaitable<Result<ClientResponse>> send(const ClientRequest& request,
                                                               CallDeadline& deadline);
    [[nodiscard]] asio::awaitable<Result<ClientResponse>> call(TlsStream stream,
                                                               const ClientRequest& request,
                                                               CallDeadline& deadline,
                                                               bool& unheard);
    [[nodiscard]] asio::awaitable<Result<Endpoints>> resolve(CallDeadline& deadline);
    [[nodiscard]] asio::awaitable<Result<TlsStream::Socket>> connect(CallDeadline& deadline);
    [[nodiscard]] asio::awaitable<Result<TlsStream>> open(CallDeadline& deadline);

    [[nodiscard]] std::unexpected<Error> unavailable(std::string_view why) const {
        return fail(ErrorCode::source_unavailable, url.authority + ": " + std::string(why));
    }

    const ClientUrl url;
    const std::shared_ptr<TlsContext> tls;
    TlsSessionSlot sessions;
    ClientPool pool;
};

asio::awaitable<Result<Endpoints>> Client::Impl::resolve(CallDeadline& deadline) {
    boost::system::error_code not_a_literal;
    const auto address = asio::ip::make_address(url.host, not_a_literal);
    if (!not_a_literal) {
        const auto port = static_cast<std::uint16_t>(std::stoi(url.port));
        co_return Endpoints{Tcp::endpoint(address, port)};
    }
    Tcp::resolver resolver(co_await asio::this_coro::executor);
    const CallDeadline::Guard guard(deadline, [&resolver] { resolver.cancel(); });
    auto [error, found] = co_await resolver.async_resolve(url.host, url.port, kTuple);
    if (error) co_return unavailable(error.message());
    Endpoints endpoints;
    for (const auto& entry : found)
        endpoints.push_back(entry.endpoint());
    co_return endpoints;
}

asio::awaitable<Result<TlsStream::Socket>> Client::Impl::connect(CallDeadline& deadline) {
    const auto endpoints = co_await resolve(deadline);
    if (!endpoints) co_return fail(endpoints.error());
    std::string why = "no address";
    for (const Tcp::endpoint& endpoint : *endpoints) {
        if (deadline.passed()) break;
        TlsStream::Socket socket(io_context_of(co_await asio::this_coro::executor));
        const CallDeadline::Guard guard(deadline, [&socket] {
            boost::system::error_code ignored;
            socket.close(ignored);
        });
        auto [error] = co_await socket.async_connect(endpoint, kTuple);
        if (!error) co_return socket;
        why = error.message();
    }
    co_return unavailable(why);
}

asio::awaitable<Result<TlsStream>> Client::Impl::open(CallDeadline& deadline) {
    auto socket = co_await connect(deadline);
    if (!socket) co_return fail(std::move(socket.error()));
    auto stream = TlsStream::connected(std::move(*socket), url.tls ? tls.get() : nullptr, url.host,
                                       &sessions);
    co_return stream;
}

asio::awaitable<Result<ClientResponse>> Client::Impl::call(TlsStream stream,
                                                           const ClientRequest& request,
                                                           CallDeadline& deadline, bool& unheard) {
    Link link(std::move(stream));
    ClientCall call(link, request, url.authority);
    Result<ClientResponse> response = fail(ErrorCode::io_failed);
    {
        const CallDeadline::Guard guard(deadline, [&link] { link.abort(); });
        for (;;) {
            const IoOutcome outcome = link.stream().handshake();
            if (outcome.io == Io::done) break;
            const bool blocked = outcome.io == Io::want_read || outcome.io == Io::want_write;
            if (blocked && co_await link.wait(outcome.io)) continue;
            co_return unavailable(std::string("TLS: ") + link.stream().failure());
        }
        response = co_await call.run();
    }
    unheard = call.unheard();
    if (response && call.reusable()) {
        if (auto parked = TlsStream::park(std::move(link.stream()))) pool.give(std::move(*parked));
    }
    co_return response;
}

asio::awaitable<Result<ClientResponse>> Client::Impl::send(const ClientRequest& request,
                                                           CallDeadline& deadline) {
    // A body that is made on the way cannot be sent twice: it starts on a connection of its own.
    auto kept = request.body_pieces ? std::nullopt : pool.take();
    if (kept) {
        auto stream =
            TlsStream::unpark(std::move(*kept), io_context_of(co_await asio::this_coro::executor));
        bool unheard = true;
        if (stream) {
            auto response = co_await call(std::move(*stream), request, deadline, unheard);
            const bool lost = !response && response.error().code == ErrorCode::io_failed;
            if (!lost || !unheard || deadline.passed()) co_return response;
        }
    }
    auto stream = co_await open(deadline);
    if (!stream) co_return fail(std::move(stream.error()));
    bool unheard = true;
    co_return co_await call(std::move(*stream), request, deadline, unheard);
}

std::string_view ClientResponse::header(std::string_view name) const {
    return find_header(headers, name);
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::make(const std::string& url,
                                             std::shared_ptr<TlsContext> tls) {
    auto parsed = ClientUrl::parse(url);
    if (!parsed) return fail(std::move(parsed.error()));
    if (parsed->tls && !tls)
        return fail(ErrorCode::bad_configuration, "URL " + url + ": https without certificates");
    return std::unique_ptr<Client>(
        new Client(std::make_unique<Impl>(std::move(*parsed), std::move(tls))));
}

asio::awaitable<Result<ClientResponse>> Client::send(
    ClientRequest request, std::chrono::steady_clock::time_point deadline) {
    const auto executor = co_await asio::this_coro::executor;
    CallDeadline call_deadline(executor, deadline);
    Result<ClientResponse> response = fail(ErrorCode::source_unavailable);
    try {
        response = co_await impl_->send(request, call_deadline);
    } catch (const std::exception& e) {
        // The caller's coroutine was cancelled, or memory ran out.
        co_return fail(ErrorCode::source_unavailable, impl_->url.authority + ": " + e.what());
    }
    if (!response && call_deadline.passed())
        co_return fail(ErrorCode::source_timeout, impl_->url.authority + ": deadline passed");
    co_return response;
}

Result<ClientResponse> Client::send_and_wait(ClientRequest request,
                                             std::chrono::milliseconds timeout) {
    asio::io_context io(1);
    Result<ClientResponse> result = fail(ErrorCode::io_failed, "no answer");
    asio::co_spawn(io, send(std::move(request), std::chrono::steady_clock::now() + timeout),
                   [&result](const std::exception_ptr& error, Result<ClientResponse> response) {
                       if (!error) result = std::move(response);
                   });
    io.run();
    return result;
}

}  // namespace shikaku::http
