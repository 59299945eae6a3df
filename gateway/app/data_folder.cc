#include "gateway/app/data_folder.h"

#include <algorithm>
#include <utility>

#include "gateway/audit/anchors.h"
#include "gateway/registry/log_details.h"
#include "gateway/registry/registry.h"
#include "gateway/storage/anchor_place.h"
#include "gateway/storage/sqlite/registry_file.h"
#include "gateway/support/bounds.h"
#include "gateway/support/file.h"
#include "gateway/support/json.h"

namespace shikaku::app {

Status make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (!error) return {};
    return fail(ErrorCode::storage_unavailable,
                "cannot make the data directory " + folder.string() + ": " + error.message());
}

Status expect_registry(const Config& config, RegistryFile registry) {
    const auto file = registry_of(config);
    SHIKAKU_TRY_LET(const auto something, storage::registry_tells_something(file));
    if (something) return {};
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

Status check_reason(std::string_view reason) {
    if (!reason.empty() && reason.size() <= bounds::kReasonBytes) return {};
    return fail(ErrorCode::invalid_field,
                "--reason: 1 to " + std::to_string(bounds::kReasonBytes) + " bytes");
}

namespace {

// Out of the options: the anchors that keep nothing.
Result<std::vector<std::unique_ptr<storage::AnchorPlace>>> take_lost_anchors(
    audit::LogOptions& options) {
    std::vector<std::unique_ptr<storage::AnchorPlace>> lost;
    for (auto& place : std::exchange(options.anchors, {})) {
        SHIKAKU_TRY_LET(const auto note, place->read());
        (note ? options.anchors : lost).push_back(std::move(place));
    }
    return lost;
}

// A checkpoint of somebody else's: read and never replaced.
class CheckpointElsewhere final : public storage::AnchorPlace {
  public:
    explicit CheckpointElsewhere(std::filesystem::path file) : file_(std::move(file)) {}
    Result<std::optional<std::string>> read() override {
        SHIKAKU_TRY_LET(auto note, read_file(file_));
        return std::move(note);
    }
    Status write(std::string_view) override { return {}; }
    const std::filesystem::path& file() const override { return file_; }
    std::chrono::seconds period() const override { return std::chrono::hours(1); }

  private:
    std::filesystem::path file_;
};

std::string end_of(const KeptAnchors& kept) {
    return std::to_string(kept.size) + " entries" +
           (kept.last ? ", the last of " + to_rfc3339_jst(*kept.last) : "");
}

Status expect_known_elsewhere(const KnownElsewhere& elsewhere, const KeptAnchors& kept) {
    if (!elsewhere.checkpoint.empty() || elsewhere.nothing_newer_is_known) return {};
    return fail(
        ErrorCode::not_found,
        "ログの終わり / the log ends here: " + end_of(kept) +
            ".\n  ログと registry.db を一緒に古いコピーから戻していないか、ここには確かめる"
            "ものがありません。監査人などが持つ控えを --at-least に。なければ、これより新しい"
            "ものを誰も知らないことを確かめて --nothing-newer-is-known\n"
            "  Nothing here tells whether log and registry.db are an older copy. Give a "
            "checkpoint that is kept elsewhere, an auditor's: --at-least FILE. Without one, "
            "when nobody knows of anything newer: --nothing-newer-is-known");
}

Status expect_something_to_keep(const std::filesystem::path& registry, bool registry_is_lost,
                                bool file_is_lost, bool any_lost) {
    if (registry_is_lost && file_is_lost)
        return fail(
            ErrorCode::conflict,
            registry.string() +
                " も控えのファイルもなく、ログがどこまであったか分かりません。どちらかを"
                "戻してください。両方失われたなら shikaku continue-log --registry-lost / is "
                "missing, and so is the anchor file: nothing here knows how far the log "
                "went. Restore one of them; when both are lost: shikaku continue-log "
                "--registry-lost");
    if (any_lost) return {};
    return fail(ErrorCode::conflict, registry_is_lost ? registry.string() +
                                                            " is missing: restore it, or without a "
                                                            "backup: shikaku continue-registry"
                                                      : "no anchor of the log is missing");
}

std::string kept_detail(const KeptAnchors& kept, const audit::Checkpoint& log,
                        const KnownElsewhere& elsewhere, std::string_view reason) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("v", 1)
        .field("kind", audit::name(audit::Kind::operator_action))
        .field("caller", "operator:local")
        .field("action", "keep_anchors")
        .field("reason", reason)
        .field("size", log.size)
        .field("root", to_hex(log.root));
    if (kept.last) json.field("last_ms", unix_ms(*kept.last));
    json.field("held_against_checkpoint", !elsewhere.checkpoint.empty())
        .key("anchors")
        .begin_array();
    for (const auto& file : kept.files)
        json.string(file.filename().string());
    json.end_array().end_object();
    return out;
}

}  // namespace

Result<DataKeys> DataKeys::load(const Config& config) {
    SHIKAKU_TRY_LET(auto ring, crypto::KeyRing::load(config.key_ring));
    SHIKAKU_TRY_LET(const auto pem, read_secret_file(config.log_signer));
    SHIKAKU_TRY_LET(auto signer, crypto::SigningKey::from_pem(pem));
    return DataKeys{.ring = std::move(ring),
                    .log_signer = std::make_unique<crypto::SigningKey>(std::move(signer))};
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
    SHIKAKU_TRY_LET(const auto keys, DataKeys::load(config));
    // Nothing is made where a log was: not even what would make the next command believe in it.
    SHIKAKU_TRY_LET(const auto public_key, keys.log_signer->ed25519_public());
    auto vkey = audit::make_vkey(config.log_origin, public_key);
    SHIKAKU_TRY(audit::Anchors(log_options(config).anchors, vkey).expect_none());
    SHIKAKU_TRY(make_folder(config.data));
    // First: a row of it anchors the log.
    SHIKAKU_TRY(storage::make_registry(registry_of(config)));
    SHIKAKU_TRY(audit::Log::create(log_options(config), *keys.ring, *keys.log_signer, clock));
    return vkey;
}

Result<std::vector<domain::AuthorityCode>> continue_registry(const Config& config,
                                                             std::string_view reason,
                                                             const Clock& clock) {
    SHIKAKU_TRY(check_reason(reason));
    SHIKAKU_TRY_LET(const auto keys, DataKeys::load(config));
    const auto registry = registry_of(config);
    auto options = log_options(config);
    SHIKAKU_TRY_LET(auto lost, take_lost_anchors(options));
    std::unique_ptr<storage::AnchorPlace> lost_anchor;  // went with what was lost
    for (auto& place : lost)
        (place->file() == registry ? lost_anchor : options.anchors.emplace_back()) =
            std::move(place);
    SHIKAKU_TRY_LET(const auto log,
                    audit::Log::open(std::move(options), *keys.ring, *keys.log_signer, clock));
    if (lost_anchor) {
        // First, so that this can be run again: what the log tells is missing here until the end.
        SHIKAKU_TRY(expect_registry(config, RegistryFile::lost));
        SHIKAKU_TRY(lost_anchor->write(log->checkpoint().text));
    }
    auto codes = registry::Registry::continue_after_loss(registry, *log, reason);
    const bool lacks_nothing = !codes && codes.error().code == ErrorCode::conflict;
    if (!lacks_nothing || !lost_anchor) return codes;
    // The log tells of no publication: its anchor was all that registry.db lacked.
    SHIKAKU_TRY(log->append_and_wait({.kind = audit::Kind::operator_action,
                                      .detail = {registry::registry_lost_detail({}, reason)},
                                      .token = {}}));
    return std::vector<domain::AuthorityCode>{};
}

Result<KeptAnchors> keep_anchors(const Config& config, std::string_view reason,
                                 const KnownElsewhere& elsewhere, const Clock& clock) {
    SHIKAKU_TRY(check_reason(reason));
    SHIKAKU_TRY_LET(const auto keys, DataKeys::load(config));
    const auto registry = registry_of(config);
    auto options = log_options(config);
    SHIKAKU_TRY_LET(auto lost, take_lost_anchors(options));
    std::error_code error;
    const bool registry_is_lost = !std::filesystem::exists(registry, error);
    if (registry_is_lost)
        std::erase_if(lost, [&](const auto& place) { return place->file() == registry; });
    const bool file_is_lost = std::ranges::any_of(
        lost, [&](const auto& place) { return place->file() == config.log_anchor; });
    SHIKAKU_TRY(expect_something_to_keep(registry, registry_is_lost, file_is_lost, !lost.empty()));
    options.anchors_lost = true;
    if (!elsewhere.checkpoint.empty())
        options.anchors.push_back(std::make_unique<CheckpointElsewhere>(elsewhere.checkpoint));
    SHIKAKU_TRY_LET(const auto log,
                    audit::Log::open(std::move(options), *keys.ring, *keys.log_signer, clock));
    const audit::Checkpoint end = log->checkpoint().checkpoint;
    if (!registry_is_lost) {
        SHIKAKU_TRY_LET(const auto known, storage::registry_knows_log_up_to(registry, log->vkey()));
        if (known >= static_cast<std::int64_t>(end.size))
            return fail(ErrorCode::corrupt,
                        "ログが registry.db より古い / the log is older than registry.db: that "
                        "knows entry " +
                            std::to_string(known) + ", the log has " + std::to_string(end.size) +
                            " entries. Put log.db and log.entries back from the newest backup");
    }
    SHIKAKU_TRY_LET(const auto last, log->last_entry_time());
    KeptAnchors kept{.files = {}, .size = end.size, .last = last};
    if (file_is_lost) SHIKAKU_TRY(expect_known_elsewhere(elsewhere, kept));
    for (const auto& place : lost)
        kept.files.push_back(place->file());
    SHIKAKU_TRY(log->append_and_wait({.kind = audit::Kind::operator_action,
                                      .detail = {kept_detail(kept, end, elsewhere, reason)},
                                      .token = {}}));
    for (const auto& place : lost)
        SHIKAKU_TRY(place->write(log->checkpoint().text));
    return kept;
}

}  // namespace shikaku::app
