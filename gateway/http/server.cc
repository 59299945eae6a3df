#include "gateway/http/server.h"

#include <algorithm>

#include "gateway/http/worker.h"
#include "gateway/support/log.h"

namespace shikaku::http {

struct Server::Impl {
    Impl(ServerOptions options, std::shared_ptr<TlsContext> tls, Service& service)
        : state(std::move(options), std::move(tls), service) {}

    ServerState state;
    std::uint16_t port = 0;
    std::vector<std::unique_ptr<Worker>> workers;
};

Server::Server(ServerOptions options, std::shared_ptr<TlsContext> tls, Service& service)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(tls), service)) {}

Server::~Server() {
    impl_->state.draining = true;
    impl_->state.table.close();
    for (const auto& worker : impl_->workers)
        worker->stop();
}

Status Server::start() {
    const ServerOptions& options = impl_->state.options;
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return fail(ErrorCode::bad_configuration, "not an IP address: " + options.address);
    asio::ip::tcp::endpoint endpoint(address, options.port);

    const bool shared = options.threads > 1;
    if (shared) {
        // Sharing would let a second gateway take half of a port unnoticed: ask for it alone first.
        Worker alone(impl_->state);
        SHIKAKU_TRY(alone.listen(endpoint, false));
    }
    std::vector<std::unique_ptr<Worker>> workers;
    for (int i = 0; i < options.threads; ++i) {
        workers.push_back(std::make_unique<Worker>(impl_->state));
        SHIKAKU_TRY_LET(const auto port, workers.back()->listen(endpoint, shared));
        endpoint.port(port);
    }
    impl_->port = endpoint.port();
    impl_->workers = std::move(workers);
    for (const auto& worker : impl_->workers)
        worker->run();
    return {};
}

std::uint16_t Server::port() const {
    return impl_->port;
}

void Server::replace_tls(std::shared_ptr<TlsContext> tls) {
    impl_->state.tls.replace(std::move(tls));
}

void Server::drain() {
    ServerState& state = impl_->state;
    state.draining = true;
    for (const auto& worker : impl_->workers)
        worker->drain();
    if (state.connections.wait_for_none(state.options.times.drain)) return;
    log_warn("connections left after draining are cut", {{"connections", state.connections.get()}});
    for (const auto& worker : impl_->workers)
        worker->stop();
    if (!state.connections.wait_for_none(state.options.times.drain))
        log_warn("handlers are still at work", {{"connections", state.connections.get()}});
}

bool Server::turning(std::chrono::steady_clock::duration within) const {
    const auto oldest = std::chrono::steady_clock::now() - within;
    return std::ranges::all_of(impl_->workers,
                               [&](const auto& worker) { return worker->swept() >= oldest; });
}

std::string Server::trouble() const {
    if (impl_->state.accept_fails) return "connections cannot be accepted: no descriptors left?";
    const auto tls = impl_->state.tls.get().context;
    std::string trust = tls ? tls->trouble(impl_->state.options.now()) : std::string();
    return trust.empty() ? impl_->state.table.trouble() : trust;
}

std::size_t Server::connections() const {
    return impl_->state.connections.get();
}

}  // namespace shikaku::http
