#include "gateway/app/gateway.h"

#include <fmt/ranges.h>
#include <filesystem>

#include <atomic>
#include <thread>

#include "gateway/api/api.h"
#include "gateway/api/ops.h"
#include "gateway/app/believed.h"
#include "gateway/app/connect.h"
#include "gateway/app/data_folder.h"
#include "gateway/app/expiries.h"
#include "gateway/app/snapshot.h"
#include "gateway/audit/clock_on_record.h"
#include "gateway/audit/event_entry.h"
#include "gateway/crypto/hash.h"
#include "gateway/crypto/key_ring.h"
#include "gateway/crypto/signature.h"
#include "gateway/http/server.h"
#include "gateway/inquiry/used_tokens.h"
#include "gateway/kinds/checkup/checkup_kind.h"
#include "gateway/sources/cache.h"
#include "gateway/sources/source_watch.h"
#include "gateway/support/bounds.h"
#include "gateway/support/clock_watch.h"
#include "gateway/support/descriptors.h"
#include "gateway/support/log.h"
#include "gateway/support/metrics.h"
#include "gateway/support/process_metrics.h"
#include "gateway/support/version.h"

namespace shikaku::app {

namespace {

prometheus::Gauge& last_reload_ok() {
    return gauge("shikaku_last_reload_ok",
                 "Whether the last reload was taken; 1 from the start on");
}

http::HandshakeRate handshake_rate(const api::Rate& rate) {
    return {.per_minute = rate.per_minute, .burst = rate.burst};
}

}  // namespace

struct Gateway::House {
    Config config;
    WatchedClock clock;
    std::unique_ptr<crypto::KeyRing> keys;           // blind keys, seals
    std::unique_ptr<crypto::SigningKey> log_signer;  // signs checkpoints
    std::unique_ptr<audit::Log> log;                 // every access, provable
    std::unique_ptr<api::Denials> denials;           // refusals, as entries of it
    std::unique_ptr<registry::Registry> registry;    // what municipalities published
    std::unique_ptr<sources::Cache> cache;           // what live sources said lately
    std::unique_ptr<sources::Sources> sources;       // asks municipalities
    identity::ReplayGuard replay_guard;              // a card token works once
    Snapshot<inquiry::Trust> trust;                  // whom to believe
    Believed believed;                               // the same, as the log was told
    Snapshot<api::ConnectedSince> since;
    Adapters adapters;       // kept over a reload when nothing about them changes
    api::RateLimits limits;  // how much each client may ask
    Expiries expiries;       // told by /metrics
    std::shared_ptr<http::TlsContext> api_tls;  // until the server has it
    std::unique_ptr<BlockingPool> pool;         // where SQLite may block
    std::unique_ptr<api::Api> api;              // the endpoints
    std::unique_ptr<api::Ops> ops;
    std::unique_ptr<http::Server> api_server;
    std::unique_ptr<http::Server> ops_server;
    std::atomic<bool> started = false;
    std::optional<Instant> clock_right_at;  // clock_on_record.h
    audit::Log::Pulse pulse;                // at the last look

    [[nodiscard]] Status open_stores();
    [[nodiscard]] Status expect_time_after_log(bool clock_is_right);
    [[nodiscard]] Status connect_sources();
    [[nodiscard]] Status open_ports();
    [[nodiscard]] Status reload();
    void take(const Config& with, const http::TlsContext& tls, Connected connected);
    [[nodiscard]] std::vector<std::string> not_ready() const;
    [[nodiscard]] std::optional<Hash256> client_of(const crypto::Certificate& certificate) const;
    void measure();
    [[nodiscard]] Status log_event(audit::Kind kind);
    [[nodiscard]] Status log_who_is_believed(Believed now);
};

Status Gateway::House::open_stores() {
    SHIKAKU_TRY_LET(auto loaded, DataKeys::load(config));
    keys = std::move(loaded.ring);
    log_signer = std::move(loaded.log_signer);

    SHIKAKU_TRY_LET(auto opened_log,
                    audit::Log::open(log_options(config), *keys, *log_signer, clock));
    log = std::move(opened_log);
    denials = std::make_unique<api::Denials>(*log, clock);

    SHIKAKU_TRY_LET(auto opened_registry,
                    registry::Registry::open(registry_of(config), *keys, *log, clock, {},
                                             registry::RecordKinds({&checkup::checkup_kind()})));
    registry = std::move(opened_registry);

    SHIKAKU_TRY_LET(auto opened_cache, sources::Cache::open(config.data / "cache.db", *keys));
    cache = std::move(opened_cache);
    sources = std::make_unique<sources::Sources>(*registry, *cache, clock);
    return {};
}

Status Gateway::House::expect_time_after_log(bool clock_is_right) {
    SHIKAKU_TRY_LET(const auto record,
                    audit::clock_on_record(*log, clock.now(),
                                           clock_is_right ? audit::OperatorWord::clock_is_right
                                                          : audit::OperatorWord::none));
    clock.expect_after(record.not_before);
    clock_right_at = record.right_at;
    if (clock_right_at)
        log_warn("the clock is behind the log and taken for right, as an operator said",
                 {{"clock", to_rfc3339_jst(*clock_right_at)}});
    return {};
}

Status Gateway::House::connect_sources() {
    auto tls = http::TlsContext::server(config.tls);
    if (!tls) return fail(tls.error());
    auto connected = connect(config, *registry);
    if (!connected) return fail(connected.error());
    believed = Believed(config, **tls, *connected->trust->issuers);
    take(config, **tls, *std::move(connected));
    api_tls = *std::move(tls);
    return {};
}

// What start and reload do alike once everything is known to be good.
void Gateway::House::take(const Config& with, const http::TlsContext& tls, Connected connected) {
    for (const std::string& warning : warnings(with))
        log_warn("configuration", {{"warning", warning}});
    const identity::Issuers& issuers = *connected.trust->issuers;
    for (const std::string& key : issuers.unusable())
        log_warn("a key of a card issuer is left out", {{"key", key}});
    const char* help = "Keys of card issuers, as last read";
    gauge("shikaku_issuer_keys", help, {{"state", "usable"}})
        .Set(static_cast<double>(issuers.usable()));
    gauge("shikaku_issuer_keys", help, {{"state", "unusable"}})
        .Set(static_cast<double>(issuers.unusable().size()));
    Expiries::add(connected.expiries, tls, "server_certificate", "client_ca", "client_crl");
    expiries.replace(std::move(connected.expiries));

    registry->set_local_order(with.local_order);
    sources->replace(connected.connections);
    trust.set(connected.trust);
    since.set(connected.since);
    adapters = std::move(connected.adapters);
    limits.replace(with.rates);
}

Status Gateway::House::open_ports() {
    pool = std::make_unique<BlockingPool>();
    api = std::make_unique<api::Api>(api::Api::Parts{.inquiry = {.keys = *keys,
                                                                 .log = *log,
                                                                 .registry = *registry,
                                                                 .sources = *sources,
                                                                 .replay_guard = replay_guard,
                                                                 .clock = clock,
                                                                 .forgeries = limits},
                                                     .denials = *denials,
                                                     .pool = *pool,
                                                     .limits = limits,
                                                     .log_origin = config.log_origin,
                                                     .trust = [this] { return trust.get(); },
                                                     .since = [this] { return since.get(); }});
    ops = std::make_unique<api::Ops>([this] { return not_ready(); }, [this] { measure(); });
    const DescriptorLimit descriptors = raise_descriptor_limit(bounds::kDescriptorsWanted);
    const auto live_sources = std::ranges::count_if(config.authorities, [](const auto& authority) {
        return authority.settings->tls() != nullptr;
    });
    const auto connections =
        http::ConnectionBounds::within(descriptors.now, static_cast<std::size_t>(live_sources));
    if (connections.total < bounds::kConnections)
        log_warn("few descriptors, so fewer connections: raise LimitNOFILE",
                 {{"connections", connections.total}, {"could_be", bounds::kConnections}});
    log_info("descriptors", {{"before", descriptors.before},
                             {"now", descriptors.now},
                             {"hard", descriptors.hard},
                             {"connections", connections.total},
                             {"per_certificate", connections.per_certificate},
                             {"per_address", connections.per_address},
                             {"handshakes", connections.handshakes}});
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    api_server = std::make_unique<http::Server>(
        http::ServerOptions{
            .address = config.api.address,
            .port = config.api.port,
            .threads = config.threads > 0 ? config.threads : cores,
            .connections = connections,
            .handshakes = {.of_network = handshake_rate(config.network_handshakes),
                           .of_client = handshake_rate(config.client_handshakes)},
            .client_of =
                [this](const crypto::Certificate& certificate) { return client_of(certificate); },
            .tls_refused =
                [this](std::string who, std::string_view why) {
                    denials->refuse_handshake(std::move(who), why);
                }},
        std::move(api_tls), api->service());
    ops_server = std::make_unique<http::Server>(
        http::ServerOptions{.address = config.ops.address,
                            .port = config.ops.port,
                            .threads = 1,
                            .name = "ops",
                            .connections = {.total = bounds::kOpsConnections}},
        nullptr, *ops);
    return {};
}

// Whoever it is, not with which certificate; of whom access was withdrawn, too. A certificate that
// is nobody's is counted by itself.
std::optional<Hash256> Gateway::House::client_of(const crypto::Certificate& certificate) const {
    const auto caller = identity::identify(certificate, {});
    if (!caller) return std::nullopt;
    return crypto::sha256(as_bytes("client " + caller->label()));
}

std::vector<std::string> Gateway::House::not_ready() const {
    std::vector<std::string> parts;
    if (!started) parts.emplace_back("start");
    if (!log->healthy()) parts.push_back("log: " + log->trouble());
    if (registry->damaged())
        parts.emplace_back("registry: registry.db is damaged, restore it from a backup");
    if (const auto trusted = clock.trusted(); !trusted) parts.push_back(trusted.error().detail);
    if (const std::string trouble = api_server->trouble(); !trouble.empty())
        parts.push_back("api port: " + trouble);
    return parts;
}

// As old as its publication; a live source's gauge is set when it answers.
void Gateway::House::measure() {
    measure_process();
    gauge("shikaku_log_tree_size", "Entries that the last signed checkpoint covers")
        .Set(static_cast<double>(log->checkpoint().checkpoint.size));
    expiries.show(std::time(nullptr));
    for (const registry::AuthorityState& state : registry->authorities()) {
        const auto in_force = registry->in_force(state.authority);
        if (!in_force) continue;
        gauge(sources::kAsOfMetric, sources::kAsOfHelp,
              {{"authority", std::string(state.authority.text())}})
            .Set(std::chrono::duration<double>(in_force->as_of.time_since_epoch()).count());
    }
}

Status Gateway::House::log_event(audit::Kind kind) {
    SHIKAKU_TRY(
        log->append_and_wait({.kind = kind,
                              .detail = audit::lifecycle_detail(
                                  audit::name(kind), SHIKAKU_VERSION,
                                  kind == audit::Kind::start ? clock_right_at : std::nullopt,
                                  kind == audit::Kind::start ? believed.fingerprint() : ""),
                              .token = {}}));
    return {};
}

// Durable before it is in force, where it is not what it was.
Status Gateway::House::log_who_is_believed(Believed now) {
    if (now == believed) return {};
    SHIKAKU_TRY(log->append_and_wait({.kind = audit::Kind::operator_action,
                                      .detail = reload_detail(believed, now),
                                      .token = {}}));
    believed = std::move(now);
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
    SHIKAKU_TRY(
        inquiry::remember_used_tokens(*house->log, house->replay_guard, house->clock.now()));
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
    last_reload_ok().Set(1);
    gauge("shikaku_build_info", "Always 1; the labels say which build this is",
          {{"version", SHIKAKU_VERSION}, {"commit", std::string(commit())}})
        .Set(1);
    log_info("listening", {{"api_port", house_->api_server->port()},
                           {"ops_port", house_->ops_server->port()},
                           {"log", house_->log->vkey()}});
    return {};
}

Status Gateway::House::reload() {
    SHIKAKU_TRY_LET(auto fresh, load_config(config.file));
    auto tls = http::TlsContext::server(fresh.tls);
    if (!tls) return fail(tls.error());
    auto connected = connect(fresh, *registry, adapters);
    if (!connected) return fail(connected.error());
    SHIKAKU_TRY(configure_log(fresh.log_level, fresh.log_file));
    if (const Status logged = log_who_is_believed({fresh, **tls, *connected->trust->issuers});
        !logged) {
        static_cast<void>(configure_log(config.log_level, config.log_file));
        return fail(logged.error());
    }

    take(fresh, **tls, *std::move(connected));
    api_server->replace_tls(*std::move(tls));
    config = std::move(fresh);
    return {};
}

Status Gateway::reload() {
    const char* help = "Reloads (SIGHUP) by result; refused: the old configuration stays";
    Status reloaded = house_->reload();
    counter("shikaku_reloads_total", help, {{"result", reloaded ? "ok" : "refused"}}).Increment();
    last_reload_ok().Set(reloaded ? 1 : 0);
    return reloaded;
}

void Gateway::stop() {
    if (!house_->started) return;
    house_->started = false;
    house_->api_server->drain();
    house_->ops_server.reset();  // it asks the others how they are
    house_->api_server.reset();  // its coroutines end before the pool and the log they wait for
    house_->pool->join();
    house_->denials->finish();
    if (const auto settled = house_->registry->settle(); !settled)
        return log_error(
            "a change that failed stands in the log: the next start undoes it there, "
            "and this stop is not logged",
            settled.error());
    if (const auto logged = house_->log_event(audit::Kind::stop); !logged)
        log_error("stop could not be logged", logged.error());
}

std::string Gateway::status() const {
    const std::vector<std::string> missing = house_->not_ready();
    return missing.empty() ? std::string("serving")
                           : fmt::format("not ready: {}", fmt::join(missing, "; "));
}

bool Gateway::alive() {
    const audit::Log::Pulse now = house_->log->pulse();
    const bool stuck = now.waiting && house_->pulse.waiting && now.durable == house_->pulse.durable;
    house_->pulse = now;
    return !now.stopped && !stuck && house_->api_server->turning(bounds::kTurningWithin);
}

std::uint16_t Gateway::api_port() const {
    return house_->api_server->port();
}
std::uint16_t Gateway::ops_port() const {
    return house_->ops_server->port();
}

}  // namespace shikaku::app
