#include "gateway/app/data_folder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/audit/anchors.h"
#include "gateway/registry/log_details.h"
#include "gateway/registry/registry.h"
#include "gateway/storage/anchor_place.h"
#include "gateway/storage/file_lock.h"
#include "gateway/storage/log_reader.h"
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

// What is known of the log that is to be followed by another.
struct Lost {
    std::string origin;
    std::optional<audit::Checkpoint> checkpoint{};  // nullopt: nothing tells, an operator named it
    std::string unkept{};                           // its note, when log.db alone has it
};

std::unexpected<Error> another_name(const Config& config) {
    return fail(ErrorCode::conflict,
                "新しいログには別の名前が要ります。[log] origin を変えてから実行してください / "
                "another log needs another name: change [log] origin, which is still that of "
                "the lost one (" +
                    config.log_origin + "), then run this again");
}

Result<audit::Checkpoint> signed_by_us(const DataKeys& keys, std::string_view note,
                                       const std::filesystem::path& file) {
    const auto public_key = keys.log_signer->ed25519_public();
    if (!public_key) return fail(public_key.error());
    auto checkpoint = audit::verify_checkpoint(
        note, audit::make_vkey(note.substr(0, note.find('\n')), *public_key));
    if (checkpoint) return checkpoint;
    return fail(ErrorCode::corrupt, file.string() + ": not a checkpoint by [keys] log_signer: " +
                                        checkpoint.error().detail);
}

// The newest checkpoint that an anchor keeps of a log of another name.
Result<std::optional<Lost>> kept_of_lost(const Config& config, const DataKeys& keys) {
    std::optional<Lost> newest;
    bool of_this_name = false;
    for (const auto& place : log_options(config).anchors) {
        const auto note = place->read();
        if (!note) return fail(note.error());
        if (!*note) continue;
        if ((*note)->starts_with(config.log_origin + "\n")) {
            of_this_name = true;
            continue;
        }
        auto checkpoint = signed_by_us(keys, **note, place->file());
        if (!checkpoint) return fail(std::move(checkpoint.error()));
        if (!newest || checkpoint->size > newest->checkpoint->size)
            newest = Lost{.origin = checkpoint->origin, .checkpoint = std::move(*checkpoint)};
    }
    if (of_this_name && !newest) return another_name(config);
    return newest;
}

// nullopt: log.db is gone, or too damaged to tell.
Result<std::optional<Lost>> told_by_log(const Config& config, const DataKeys& keys) {
    const auto file = log_options(config).database;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::nullopt;
    const auto note = [&]() -> Result<std::optional<storage::StoredCheckpoint>> {
        auto database = storage::Database::open(storage::log_database(file, false));
        if (!database) return fail(std::move(database.error()));
        auto reader = storage::LogReader::prepare(*database);
        if (!reader) return fail(std::move(reader.error()));
        return reader->latest_checkpoint();
    }();
    if (!note && note.error().code != ErrorCode::corrupt) return fail(note.error());
    if (!note || !*note) return std::nullopt;
    auto checkpoint = signed_by_us(keys, (*note)->text, file);
    if (!checkpoint) return std::nullopt;
    return Lost{.origin = checkpoint->origin,
                .checkpoint = std::move(*checkpoint),
                .unkept = (*note)->text};
}

Result<Lost> what_was_lost(const Config& config, const DataKeys& keys, std::string_view named) {
    auto lost = kept_of_lost(config, keys);
    if (lost && !*lost) lost = told_by_log(config, keys);
    if (!lost) return fail(std::move(lost.error()));
    if (!*lost && named.empty())
        return fail(ErrorCode::not_found,
                    "失われたログの名前が分かりません。[log] anchor のボリュームは載っていますか。"
                    "控えも失われたなら --lost に元の origin を / nothing tells which log was "
                    "lost: no anchor, and no log.db with a checkpoint by [keys] log_signer. Is "
                    "the volume of [log] anchor mounted? When the anchors are lost as well: "
                    "--lost with the lost log's origin");
    if (!*lost) *lost = Lost{.origin = std::string(named)};
    if ((*lost)->origin == config.log_origin) return another_name(config);
    if (!named.empty() && named != (*lost)->origin)
        return fail(ErrorCode::conflict, "--lost " + std::string(named) +
                                             ": 失われたのは別のログです / the log that was here "
                                             "is " +
                                             (*lost)->origin);
    return std::move(**lost);
}

// A log that holds all that its anchors know was not lost; one that could not be read for another
// reason than what it holds may not be.
Status expect_lost(const Config& config, const DataKeys& keys, const Clock& clock,
                   const std::string& origin) {
    auto options = log_options(config);
    options.origin = origin;
    for (auto& place : std::exchange(options.anchors, {})) {
        const auto note = place->read();
        if (!note) return fail(note.error());
        if (*note && (*note)->starts_with(origin + "\n"))
            options.anchors.push_back(std::move(place));
    }
    const auto opened = audit::Log::open(std::move(options), *keys.ring, *keys.log_signer, clock);
    if (opened)
        return fail(ErrorCode::conflict,
                    "ログは失われていません。[log] origin を戻してください / the log " + origin +
                        " is whole, there is nothing to continue: set [log] origin back");
    const bool lost =
        opened.error().code == ErrorCode::corrupt || opened.error().code == ErrorCode::not_found;
    return lost ? Status{} : fail(opened.error());
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

// Out of the options: the anchor in registry.db, when it went with what was lost. nullptr: it is
// there.
Result<std::unique_ptr<storage::AnchorPlace>> take_lost_anchor(
    audit::LogOptions& options, const std::filesystem::path& registry) {
    const auto own = std::ranges::find_if(
        options.anchors, [&](const auto& place) { return place->file() == registry; });
    const auto note = (*own)->read();
    if (!note) return fail(note.error());
    std::unique_ptr<storage::AnchorPlace> lost;
    if (!*note) {
        lost = std::move(*own);
        options.anchors.erase(own);
    }
    return lost;
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

std::string continued_detail(const Lost& lost, std::string_view reason,
                             const std::filesystem::path& aside) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("v", 1)
        .field("kind", audit::name(audit::Kind::operator_action))
        .field("caller", "operator:local")
        .field("action", "continue_log")
        .field("reason", reason)
        .field("aside", aside.filename().string())
        .key("lost")
        .begin_object()
        .field("origin", lost.origin);
    if (lost.checkpoint)
        json.field("size", lost.checkpoint->size).field("root", to_hex(lost.checkpoint->root));
    json.end_object().end_object();
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
    const auto public_key = keys->log_signer->ed25519_public();
    if (!public_key) return fail(public_key.error());
    auto vkey = audit::make_vkey(config.log_origin, *public_key);
    SHIKAKU_TRY(audit::Anchors(log_options(config).anchors, vkey).expect_none());
    SHIKAKU_TRY(make_folder(config.data));
    // First: a row of it anchors the log.
    SHIKAKU_TRY(storage::make_registry(registry_of(config)));
    SHIKAKU_TRY(audit::Log::create(log_options(config), *keys->ring, *keys->log_signer, clock));
    return vkey;
}

Result<Continued> continue_log(const Config& config, std::string_view reason, RegistryFile registry,
                               const Clock& clock, std::string_view lost_origin) {
    if (reason.empty() || reason.size() > bounds::kReasonBytes)
        return fail(ErrorCode::invalid_field,
                    "--reason: 1 to " + std::to_string(bounds::kReasonBytes) + " bytes");
    const auto keys = DataKeys::load(config);
    if (!keys) return fail(keys.error());
    const auto lost = what_was_lost(config, *keys, lost_origin);
    if (!lost) return fail(lost.error());
    SHIKAKU_TRY(expect_lost(config, *keys, clock, lost->origin));
    SHIKAKU_TRY(expect_registry(config, registry));
    // Else nothing would tell what was lost when this is run again.
    if (!lost->unkept.empty())
        for (const auto& place : log_options(config).anchors)
            SHIKAKU_TRY(place->write(lost->unkept));
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
        .lost = lost->origin + ", " +
                (lost->checkpoint ? std::to_string(lost->checkpoint->size) + " entries signed"
                                  : "size unknown")};
}

Result<std::vector<domain::AuthorityCode>> continue_registry(const Config& config,
                                                             std::string_view reason,
                                                             const Clock& clock) {
    if (reason.empty() || reason.size() > bounds::kReasonBytes)
        return fail(ErrorCode::invalid_field,
                    "--reason: 1 to " + std::to_string(bounds::kReasonBytes) + " bytes");
    const auto keys = DataKeys::load(config);
    if (!keys) return fail(keys.error());
    auto options = log_options(config);
    const auto lost_anchor = take_lost_anchor(options, registry_of(config));
    if (!lost_anchor) return fail(lost_anchor.error());
    const auto log = audit::Log::open(std::move(options), *keys->ring, *keys->log_signer, clock);
    if (!log) return fail(log.error());
    if (*lost_anchor) {
        // First, so that this can be run again: what the log tells is missing here until the end.
        SHIKAKU_TRY(expect_registry(config, RegistryFile::lost));
        SHIKAKU_TRY((*lost_anchor)->write((*log)->checkpoint().text));
    }
    auto codes = registry::Registry::continue_after_loss(registry_of(config), **log, reason);
    const bool lacks_nothing = !codes && codes.error().code == ErrorCode::conflict;
    if (!lacks_nothing || !*lost_anchor) return codes;
    // The log tells of no publication: its anchor was all that registry.db lacked.
    const auto logged =
        (*log)->append_and_wait({.kind = audit::Kind::operator_action,
                                 .detail = {registry::registry_lost_detail({}, reason)},
                                 .token = {}});
    if (!logged) return fail(logged.error());
    return std::vector<domain::AuthorityCode>{};
}

}  // namespace shikaku::app
