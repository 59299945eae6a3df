#include "gateway/app/data_folder.h"

#include <optional>
#include <utility>

#include "gateway/audit/anchors.h"
#include "gateway/registry/registry.h"
#include "gateway/storage/anchor_place.h"
#include "gateway/storage/file_lock.h"
#include "gateway/storage/log_schema.h"
#include "gateway/storage/registry_file.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::app {

namespace {

std::unexpected<Error> cannot(std::string what, const std::error_code& error) {
    return fail(ErrorCode::storage_unavailable,
                "cannot " + std::move(what) + ": " + error.message());
}

Status make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (error) return cannot("make the data directory " + folder.string(), error);
    return {};
}

// The newest checkpoint that an anchor keeps of a log of another name, signed by our key.
Result<std::optional<audit::Checkpoint>> last_of_lost(const Config& config, const DataKeys& keys) {
    const auto public_key = keys.log_signer->ed25519_public();
    if (!public_key) return fail(public_key.error());
    std::optional<audit::Checkpoint> newest;
    bool of_this_name = false;
    for (const auto& place : log_options(config).anchors) {
        const auto note = place->read();
        if (!note) return fail(note.error());
        if (!*note) continue;
        const auto origin = (*note)->substr(0, (*note)->find('\n'));
        if (origin == config.log_origin) {
            of_this_name = true;
            continue;
        }
        auto checkpoint = audit::verify_checkpoint(**note, audit::make_vkey(origin, *public_key));
        if (!checkpoint)
            return fail(ErrorCode::corrupt, place->file().string() +
                                                ": not a checkpoint by [keys] log_signer: " +
                                                checkpoint.error().detail);
        if (!newest || checkpoint->size > newest->size) newest = std::move(*checkpoint);
    }
    if (of_this_name && !newest)
        return fail(ErrorCode::conflict,
                    "新しいログには別の名前が要ります。[log] origin を変えてから実行してください / "
                    "another log needs another name: change [log] origin, which is still that of "
                    "the lost one (" +
                        config.log_origin + "), then run this again");
    return newest;
}

// A log that holds all that its anchors know was not lost.
Status expect_lost(const Config& config, const DataKeys& keys, const Clock& clock,
                   const std::string& origin) {
    auto options = log_options(config);
    options.origin = origin;
    std::erase_if(options.anchors, [&](const auto& place) {
        const auto note = place->read();
        return !note || !*note || !(*note)->starts_with(origin + "\n");
    });
    const auto opened = audit::Log::open(std::move(options), *keys.ring, *keys.log_signer, clock);
    if (!opened)
        return opened.error().code == ErrorCode::conflict ? fail(opened.error()) : Status{};
    return fail(ErrorCode::conflict,
                "ログは失われていません。[log] origin を戻してください / the log " + origin +
                    " is whole, there is nothing to continue: set [log] origin back");
}

// An empty registry.db is what an empty data directory would be made of.
Status expect_registry(const Config& config, RegistryFile registry) {
    const auto file = registry_of(config);
    const auto something = storage::registry_tells_something(file);
    if (!something) return fail(something.error());
    if (*something) return {};
    if (registry == RegistryFile::lost) {
        SHIKAKU_TRY(make_folder(config.data));
        return storage::make_registry(file);
    }
    return fail(
        ErrorCode::not_found,
        file.string() +
            ": ないか、空です。ボリュームは載っていますか。先にバックアップから戻してください。"
            "これも失われたなら --registry-lost / is missing or empty. Is the data "
            "directory's volume mounted? Restore it first; when it is lost as well: "
            "--registry-lost");
}

Result<std::filesystem::path> move_aside(const std::filesystem::path& database, Instant now) {
    auto lock_file = database;
    lock_file += ".lock";
    const auto lock = storage::FileLock::take(lock_file);
    if (!lock) return fail(lock.error());
    const auto aside = database.parent_path() / ("lost-" + to_compact_jst(now));
    SHIKAKU_TRY(make_folder(aside));
    auto wal = database;
    auto shm = database;
    wal += "-wal";
    shm += "-shm";
    for (const auto& file : {storage::entries_of(database), wal, shm, database}) {
        std::error_code error;
        if (!std::filesystem::exists(file, error)) continue;
        std::filesystem::rename(file, aside / file.filename(), error);
        if (error) return cannot("move " + file.string() + " to " + aside.string(), error);
    }
    return aside;
}

std::string continued_detail(const std::optional<audit::Checkpoint>& lost, std::string_view reason,
                             const std::filesystem::path& aside) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("v", 1)
        .field("kind", audit::name(audit::Kind::operator_action))
        .field("caller", "operator:local")
        .field("action", "continue_log")
        .field("reason", reason)
        .field("aside", aside.filename().string());
    if (lost) {
        json.key("lost")
            .begin_object()
            .field("origin", lost->origin)
            .field("size", lost->size)
            .field("root", to_hex(lost->root))
            .end_object();
    }
    json.end_object();
    return out;
}

}  // namespace

Result<DataKeys> DataKeys::load(const Config& config) {
    auto ring = crypto::KeyRing::load(config.key_ring);
    if (!ring) return fail(std::move(ring.error()));
    const auto pem = read_secret_file(config.log_signer);
    if (!pem) return fail(pem.error());
    auto signer = crypto::SigningKey::from_pem(*pem);
    if (!signer) return fail(std::move(signer.error()));
    return DataKeys{.ring = std::move(*ring),
                    .log_signer = std::make_unique<crypto::SigningKey>(std::move(*signer))};
}

std::filesystem::path registry_of(const Config& config) {
    return config.data / "registry.db";
}

audit::LogOptions log_options(const Config& config) {
    audit::LogOptions options{.database = config.data / "log.db", .origin = config.log_origin};
    options.anchors.push_back(storage::anchor_file(config.log_anchor));
    options.anchors.push_back(storage::anchor_in_registry(registry_of(config)));
    return options;
}

Result<std::string> init_data(const Config& config, const Clock& clock) {
    const auto keys = DataKeys::load(config);
    if (!keys) return fail(keys.error());
    // Nothing is made where a log was: not even what would make the next command believe in it.
    SHIKAKU_TRY(audit::Anchors(log_options(config).anchors, {}).expect_none());
    SHIKAKU_TRY(make_folder(config.data));
    // First: a row of it anchors the log.
    SHIKAKU_TRY(storage::make_registry(registry_of(config)));
    SHIKAKU_TRY(audit::Log::create(log_options(config), *keys->ring, *keys->log_signer, clock));
    const auto public_key = keys->log_signer->ed25519_public();
    if (!public_key) return fail(public_key.error());
    return audit::make_vkey(config.log_origin, *public_key);
}

Result<Continued> continue_log(const Config& config, std::string_view reason, RegistryFile registry,
                               const Clock& clock) {
    if (reason.empty() || reason.size() > bounds::kReasonBytes)
        return fail(ErrorCode::invalid_field,
                    "--reason: 1 to " + std::to_string(bounds::kReasonBytes) + " bytes");
    const auto keys = DataKeys::load(config);
    if (!keys) return fail(keys.error());
    const auto lost = last_of_lost(config, *keys);
    if (!lost) return fail(lost.error());
    if (*lost) SHIKAKU_TRY(expect_lost(config, *keys, clock, (*lost)->origin));
    SHIKAKU_TRY(expect_registry(config, registry));
    const auto aside = move_aside(config.data / "log.db", clock.now());
    if (!aside) return fail(aside.error());

    // Its anchors come last: until then this can be run again.
    auto options = log_options(config);
    const auto anchors = std::exchange(options.anchors, {});
    SHIKAKU_TRY(audit::Log::create(std::move(options), *keys->ring, *keys->log_signer, clock));
    auto log = audit::Log::open({.database = config.data / "log.db", .origin = config.log_origin},
                                *keys->ring, *keys->log_signer, clock);
    if (!log) return fail(log.error());
    const auto logged =
        (*log)->append_and_wait({.kind = audit::Kind::operator_action,
                                 .detail = {continued_detail(*lost, reason, *aside)},
                                 .token = {}});
    if (!logged) return fail(logged.error());
    const auto vkey = (*log)->vkey();
    log->reset();  // signs it
    log = audit::Log::open({.database = config.data / "log.db", .origin = config.log_origin},
                           *keys->ring, *keys->log_signer, clock);
    if (!log) return fail(log.error());
    for (const auto& place : anchors)
        SHIKAKU_TRY(place->write((*log)->checkpoint().text));
    return Continued{
        .vkey = vkey,
        .lost = *lost ? (*lost)->origin + ", " + std::to_string((*lost)->size) + " entries signed"
                      : "unknown"};
}

Result<std::vector<domain::AuthorityCode>> continue_registry(const Config& config,
                                                             std::string_view reason,
                                                             const Clock& clock) {
    if (reason.empty() || reason.size() > bounds::kReasonBytes)
        return fail(ErrorCode::invalid_field,
                    "--reason: 1 to " + std::to_string(bounds::kReasonBytes) + " bytes");
    const auto keys = DataKeys::load(config);
    if (!keys) return fail(keys.error());
    const auto log = audit::Log::open(log_options(config), *keys->ring, *keys->log_signer, clock);
    if (!log) return fail(log.error());
    return registry::Registry::continue_after_loss(registry_of(config), **log, reason);
}

}  // namespace shikaku::app
