#include "gateway/http/client.h"

#include <atomic>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
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
using CallDuration = std::chrono::steady_clock::duration;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// Every coroutine that calls a client runs on an io_context.
asio::io_context& io_context_of(const asio::any_io_executor& executor) {
    return static_cast<asio::io_context&>(asio::query(executor, asio::execution::context));
}

}  // namespace

struct Client::Impl {
    Impl(ClientUrl u, std::shared_ptr<TlsContext> t, Resolve resolve)
        : url(std::move(u)),
          tls(std::move(t)),
          names(resolve ? HostAddresses(url.host, std::move(resolve))
                        : HostAddresses::shared(url.host)) {
        static_cast<void>(names.get(std::chrono::steady_clock::now()));
    }

    [[nodiscard]] asio::awaitable<Result<ClientResponse>> send(const ClientRequest& request,
                                                               CallDeadline& deadline,
                                                               NameWait name_wait);
    [[nodiscard]] asio::awaitable<Result<ClientResponse>> call(TlsStream stream,
                                                               const ClientRequest& request,
                                                               CallDeadline& deadline,
                                                               bool& unheard);
    [[nodiscard]] asio::awaitable<Result<Endpoints>> resolve(CallDeadline& deadline,
                                                             NameWait name_wait);
    [[nodiscard]] asio::awaitable<Result<TlsStream::Socket>> connect(CallDeadline& deadline,
                                                                     NameWait name_wait);
    [[nodiscard]] asio::awaitable<Result<TlsStream>> open(CallDeadline& deadline,
                                                          NameWait name_wait);

    [[nodiscard]] std::unexpected<Error> unavailable(std::string_view why) const {
        return fail(ErrorCode::source_unavailable, url.authority + ": " + std::string(why));
    }

    const ClientUrl url;
    const std::shared_ptr<TlsContext> tls;
    HostAddresses names;
    std::atomic<TlsTrouble> trouble = TlsTrouble::none;
    TlsSessionSlot sessions;
    ClientPool pool;
};

asio::awaitable<Result<Endpoints>> Client::Impl::resolve(CallDeadline& deadline,
                                                         NameWait name_wait) {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (;;) {
        const auto now = std::chrono::steady_clock::now();
        const HostAddresses::Now host = names.get(now);
        if (!host.addresses.empty()) {
            Endpoints endpoints;
            const auto port = static_cast<std::uint16_t>(std::stoi(url.port));
            for (const auto& address : host.addresses)
                endpoints.emplace_back(address, port);
            co_return endpoints;
        }
        if (!host.first_since || now - *host.first_since >= name_wait || deadline.passed())
            co_return unavailable("the host name is not resolved");
        pause.expires_after(bounds::kNamePoll);
        co_await pause.async_wait(kTuple);
    }
}

asio::awaitable<Result<TlsStream::Socket>> Client::Impl::connect(CallDeadline& deadline,
                                                                 NameWait name_wait) {
    SHIKAKU_CO_TRY_LET(const auto endpoints, co_await resolve(deadline, name_wait));
    std::string why = "no address";
    std::vector<Tcp::endpoint> left = endpoints;
    // An address that is silent does not use up the time of the others: while there are others, it
    // is left after a while, and comes again with more patience.
    for (auto patience = CallDuration(bounds::kConnectNext); !left.empty() && !deadline.passed();
         patience *= 4) {
        std::vector<Tcp::endpoint> silent;
        for (const Tcp::endpoint& endpoint : left) {
            if (deadline.passed()) break;
            const auto executor = co_await asio::this_coro::executor;
            TlsStream::Socket socket(io_context_of(executor));
            const auto close = [&socket] {
                boost::system::error_code ignored;
                socket.close(ignored);
            };
            const CallDeadline::Guard guard(deadline, close);
            CallDeadline attempt(executor, left.size() == 1
                                               ? std::chrono::steady_clock::time_point::max()
                                               : std::chrono::steady_clock::now() + patience);
            const CallDeadline::Guard attempt_guard(attempt, close);
            auto [error] = co_await socket.async_connect(endpoint, kTuple);
            if (!error) co_return socket;
            why = error.message();
            if (attempt.passed()) silent.push_back(endpoint);
        }
        left = std::move(silent);
    }
    names.doubt(std::chrono::steady_clock::now());
    co_return unavailable(why);
}

asio::awaitable<Result<TlsStream>> Client::Impl::open(CallDeadline& deadline, NameWait name_wait) {
    SHIKAKU_CO_TRY_LET(auto socket, co_await connect(deadline, name_wait));
    auto stream =
        TlsStream::connected(std::move(socket), url.tls ? tls.get() : nullptr, url.host, &sessions);
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
            const bool blocked = outcome.io == Io::want_read || outcome.io == Io::want_write ||
                                 outcome.io == Io::again;
            if (blocked && co_await link.wait(outcome.io)) continue;
            trouble = link.stream().trouble();
            co_return unavailable(std::string("TLS: ") + link.stream().failure());
        }
        response = co_await call.run();
    }
    unheard = call.unheard();
    if (!response) trouble = link.stream().trouble();
    if (response && call.reusable()) {
        if (auto parked = TlsStream::park(std::move(link.stream()))) pool.give(std::move(*parked));
    }
    co_return response;
}

asio::awaitable<Result<ClientResponse>> Client::Impl::send(const ClientRequest& request,
                                                           CallDeadline& deadline,
                                                           NameWait name_wait) {
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
    trouble = TlsTrouble::none;
    SHIKAKU_CO_TRY_LET(auto stream, co_await open(deadline, name_wait));
    bool unheard = true;
    co_return co_await call(std::move(stream), request, deadline, unheard);
}

std::string_view ClientResponse::header(std::string_view name) const {
    return find_header(headers, name);
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

TlsTrouble Client::tls_trouble() const {
    return impl_->trouble;
}

Result<std::unique_ptr<Client>> Client::make(const std::string& url,
                                             std::shared_ptr<TlsContext> tls, Resolve resolve) {
    SHIKAKU_TRY_LET(auto parsed, ClientUrl::parse(url));
    if (parsed.tls && !tls)
        return fail(ErrorCode::bad_configuration, "URL " + url + ": https without certificates");
    return std::unique_ptr<Client>(
        new Client(std::make_unique<Impl>(std::move(parsed), std::move(tls), std::move(resolve))));
}

asio::awaitable<Result<ClientResponse>> Client::send(
    ClientRequest request, std::chrono::steady_clock::time_point deadline) {
    return send(std::move(request), deadline, bounds::kNameFirstWait);
}

asio::awaitable<Result<ClientResponse>> Client::send(ClientRequest request,
                                                     std::chrono::steady_clock::time_point deadline,
                                                     NameWait name_wait) {
    const auto executor = co_await asio::this_coro::executor;
    CallDeadline call_deadline(executor, deadline);
    Result<ClientResponse> response = fail(ErrorCode::source_unavailable);
    try {
        response = co_await impl_->send(request, call_deadline, name_wait);
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
    asio::co_spawn(
        io, send(std::move(request), std::chrono::steady_clock::now() + timeout, timeout * 4 / 5),
        [&result](const std::exception_ptr& error, Result<ClientResponse> response) {
            if (!error) result = std::move(response);
        });
    io.run();
    return result;
}

}  // namespace shikaku::http
