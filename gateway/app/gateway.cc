#include "gateway/app/gateway.h"

#include <filesystem>

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "gateway/api/api.h"
#include "gateway/api/log_detail.h"
#include "gateway/api/ops.h"
#include "gateway/api/used_tokens.h"
#include "gateway/app/connect.h"
#include "gateway/app/data_folder.h"
#include "gateway/app/snapshot.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/crypto/signature.h"
#include "gateway/http/server.h"
#include "gateway/sources/cache.h"
#include "gateway/support/bounds.h"
#include "gateway/support/clock_watch.h"
#include "gateway/support/log.h"

namespace shikaku::app {

namespace asio = boost::asio;

struct Gateway::House {
    Config config;
    WatchedClock clock;
    std::unique_ptr<crypto::KeyRing> keys;           // blind keys, seals
    std::unique_ptr<crypto::SigningKey> log_signer;  // signs checkpoints
    std::unique_ptr<audit::Log> log;                 // every access, provable
    std::unique_ptr<registry::Registry> registry;    // what municipalities published
    std::unique_ptr<sources::Cache> cache;           // what live sources said lately
    std::unique_ptr<sources::Sources> sources;       // asks municipalities
    identity::ReplayGuard replay_guard;              // a card token works once
    Snapshot<api::Trust> trust;                      // whom to believe
    Snapshot<api::ConnectedSince> since;
    std::unique_ptr<asio::thread_pool> pool;  // where SQLite may block
    std::unique_ptr<api::Api> api;            // the endpoints
    std::unique_ptr<api::Ops> ops;
    std::unique_ptr<http::Server> api_server;
    std::unique_ptr<http::Server> ops_server;
    std::atomic<bool> started = false;

    [[nodiscard]] Status open_stores();
    [[nodiscard]] Status expect_time_after_log(bool clock_is_right);
    [[nodiscard]] Status connect_sources();
    [[nodiscard]] Status open_ports();
    [[nodiscard]] std::vector<std::string> not_ready() const;
    [[nodiscard]] Status log_event(audit::Kind kind);
};

Status Gateway::House::open_stores() {
    auto loaded = DataKeys::load(config);
    if (!loaded) return fail(loaded.error());
    keys = std::move(loaded->ring);
    log_signer = std::move(loaded->log_signer);

    auto opened_log = audit::Log::open(log_options(config), *keys, *log_signer, clock);
    if (!opened_log) return fail(opened_log.error());
    log = std::move(*opened_log);

    auto opened_registry = registry::Registry::open(registry_of(config), *keys, *log, clock);
    if (!opened_registry) return fail(opened_registry.error());
    registry = std::move(*opened_registry);

    auto opened_cache = sources::Cache::open(config.data / "cache.db", *keys);
    if (!opened_cache) return fail(opened_cache.error());
    cache = std::move(*opened_cache);
    sources = std::make_unique<sources::Sources>(*registry, *cache, clock);
    return {};
}

Status Gateway::House::expect_time_after_log(bool clock_is_right) {
    const auto last = log->last_entry_time();
    if (!last) return fail(last.error());
    if (!*last) return {};
    if (!clock_is_right) {
        clock.expect_after(**last);
    } else if (const auto behind = **last - clock.now(); behind > bounds::kClockStep) {
        log_warn("the clock is behind the log and taken for right, as told at start",
                 {{"behind_s", std::chrono::duration_cast<std::chrono::seconds>(behind).count()}});
    }
    return {};
}

Status Gateway::House::connect_sources() {
    auto connected = connect(config, *registry);
    if (!connected) return fail(connected.error());
    registry->set_local_order(config.local_order);
    sources->replace(connected->connections);
    trust.set(connected->trust);
    since.set(connected->since);
    return {};
}

Status Gateway::House::open_ports() {
    auto tls = http::TlsContext::server(config.tls);
    if (!tls) return fail(tls.error());
    pool = std::make_unique<asio::thread_pool>(bounds::kBlockingThreads);
    api = std::make_unique<api::Api>(api::Api::Parts{.desk = {.keys = *keys,
                                                              .log = *log,
                                                              .registry = *registry,
                                                              .sources = *sources,
                                                              .replay_guard = replay_guard,
                                                              .clock = clock,
                                                              .log_origin = config.log_origin},
                                                     .pool = *pool,
                                                     .trust = [this] { return trust.get(); },
                                                     .since = [this] { return since.get(); }});
    ops = std::make_unique<api::Ops>([this] { return not_ready(); });
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    api_server = std::make_unique<http::Server>(
        http::ServerOptions{.address = config.api.address,
                            .port = config.api.port,
                            .threads = config.threads > 0 ? config.threads : cores},
        *tls, api->service());
    ops_server = std::make_unique<http::Server>(
        http::ServerOptions{.address = config.ops.address, .port = config.ops.port, .threads = 1},
        nullptr, *ops);
    return {};
}

std::vector<std::string> Gateway::House::not_ready() const {
    std::vector<std::string> parts;
    if (!started) parts.emplace_back("start");
    if (!log->healthy()) parts.push_back("log: " + log->trouble());
    if (registry->damaged())
        parts.emplace_back("registry: registry.db is damaged, restore it from a backup");
    if (const auto trusted = clock.trusted(); !trusted) parts.push_back(trusted.error().detail);
    return parts;
}

Status Gateway::House::log_event(audit::Kind kind) {
    const auto appended =
        log->append_and_wait({.kind = kind,
                              .detail = api::lifecycle_detail(audit::name(kind), SHIKAKU_VERSION),
                              .token = {}});
    if (!appended) return fail(appended.error());
    return {};
}

Gateway::Gateway(std::unique_ptr<House> house) : house_(std::move(house)) {}

Gateway::~Gateway() {
    stop();
}

Result<std::unique_ptr<Gateway>> Gateway::build(Config config, const StartOptions& options) {
    auto house = std::make_unique<House>();
    house->config = std::move(config);
    SHIKAKU_TRY(house->open_stores());
    SHIKAKU_TRY(house->expect_time_after_log(options.clock_is_right));
    SHIKAKU_TRY(api::remember_used_tokens(*house->log, house->replay_guard, house->clock.now()));
    SHIKAKU_TRY(house->connect_sources());
    SHIKAKU_TRY(house->open_ports());
    return std::unique_ptr<Gateway>(new Gateway(std::move(house)));
}

Status Gateway::start() {
    SHIKAKU_TRY(house_->log_event(audit::Kind::start));
    SHIKAKU_TRY(house_->ops_server->start());
    SHIKAKU_TRY(house_->api_server->start());
    house_->registry->keep_house();
    house_->started = true;
    log_info("listening", {{"api_port", house_->api_server->port()},
                           {"ops_port", house_->ops_server->port()},
                           {"log", house_->log->vkey()}});
    return {};
}

Status Gateway::reload() {
    auto fresh = load_config(house_->config.file);
    if (!fresh) return fail(fresh.error());
    auto tls = http::TlsContext::server(fresh->tls);
    if (!tls) return fail(tls.error());
    auto connected = connect(*fresh, *house_->registry);
    if (!connected) return fail(connected.error());
    SHIKAKU_TRY(configure_log(fresh->log_level, fresh->log_file));

    house_->api_server->replace_tls(*tls);
    house_->registry->set_local_order(fresh->local_order);
    house_->sources->replace(connected->connections);
    house_->trust.set(connected->trust);
    house_->since.set(connected->since);
    house_->config = std::move(*fresh);
    return {};
}

void Gateway::stop() {
    if (!house_->started) return;
    house_->started = false;
    house_->api_server->drain();
    house_->api_server.reset();  // its coroutines end before the pool and the log they wait for
    house_->ops_server.reset();
    house_->pool->join();
    if (const auto settled = house_->registry->settle(); !settled)
        return log_error(
            "a change that failed stands in the log: the next start undoes it there, "
            "and this stop is not logged",
            settled.error());
    if (const auto logged = house_->log_event(audit::Kind::stop); !logged)
        log_error("stop could not be logged", logged.error());
}

std::uint16_t Gateway::api_port() const {
    return house_->api_server->port();
}
std::uint16_t Gateway::ops_port() const {
    return house_->ops_server->port();
}

}  // namespace shikaku::app
