#include "gateway/programs/shikaku/continue_log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/storage/file_lock.h"
#include "gateway/storage/sqlite/log_schema.h"
#include "gateway/support/file.h"
#include "gateway/support/json_object.h"

namespace shikaku::app {

namespace {

// What is known of the log that is to be followed by another.
struct Lost {
    std::string origin;
    std::optional<audit::Checkpoint> checkpoint{};  // nullopt: nothing tells, an operator named it
    std::string unkept{};                           // its note, when log.db alone has it

    [[nodiscard]] std::string words() const {
        return origin + ", " +
               (checkpoint ? std::to_string(checkpoint->size) + " entries signed" : "size unknown");
    }
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
    SHIKAKU_TRY_LET(const auto public_key, keys.log_signer->ed25519_public());
    auto checkpoint = audit::verify_checkpoint(
        note, audit::make_vkey(note.substr(0, note.find('\n')), public_key));
    if (checkpoint) return checkpoint;
    return fail(ErrorCode::corrupt, file.string() + ": not a checkpoint by [keys] log_signer: " +
                                        checkpoint.error().detail);
}

constexpr std::string_view kAction = "continue_log";

audit::LogOptions without_anchors(const Config& config) {
    auto options = log_options(config);
    options.anchors.clear();
    return options;
}

bool is_of(const std::optional<std::string>& note, const std::string& origin) {
    return note && note->starts_with(origin + "\n");
}

// The newest checkpoint that an anchor keeps of a log of another name.
Result<std::optional<Lost>> kept_of_lost(const Config& config, const DataKeys& keys) {
    std::optional<Lost> newest;
    for (const auto& place : log_options(config).anchors) {
        SHIKAKU_TRY_LET(const auto note, place->read());
        if (!note || is_of(note, config.log_origin)) continue;
        SHIKAKU_TRY_LET(auto checkpoint, signed_by_us(keys, *note, place->file()));
        if (!newest || checkpoint.size > newest->checkpoint->size)
            newest = Lost{.origin = checkpoint.origin, .checkpoint = std::move(checkpoint)};
    }
    return newest;
}

// Out of the log's options: the anchors that keep something of a log of this name.
Result<std::vector<std::unique_ptr<storage::AnchorPlace>>> take_anchors_of(
    audit::LogOptions& options, const std::string& origin) {
    std::vector<std::unique_ptr<storage::AnchorPlace>> kept;
    for (auto& place : std::exchange(options.anchors, {})) {
        SHIKAKU_TRY_LET(const auto note, place->read());
        (is_of(note, origin) ? kept : options.anchors).push_back(std::move(place));
    }
    return kept;
}

// Empty: a file without tables, or a log that was never signed.
Result<std::string> newest_note(storage::Database& database) {
    constexpr std::string_view kQueries[] = {
        "SELECT 1 FROM sqlite_master WHERE name='checkpoint'",
        "SELECT text FROM checkpoint ORDER BY minute DESC LIMIT 1"};
    std::string text;
    for (const std::string_view query : kQueries) {
        SHIKAKU_TRY_LET(auto statement, database.prepare(query));
        SHIKAKU_TRY_LET(const auto row, statement.step());
        if (!row) return std::string();
        text = statement.text(0);
    }
    return text;
}

// nullopt: log.db is gone, or too damaged to tell.
Result<std::optional<Lost>> told_by_log(const Config& config, const DataKeys& keys) {
    const auto file = log_options(config).database;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return std::nullopt;
    const auto note = [&]() -> Result<std::string> {
        auto options = storage::log_database(file, true);
        options.any_version = true;  // nothing is decided yet: it stays as it is
        SHIKAKU_TRY_LET(auto database, storage::Database::open(options));
        return newest_note(database);
    }();
    if (!note && note.error().code != ErrorCode::corrupt) return fail(note.error());
    if (!note) return std::nullopt;
    auto checkpoint = signed_by_us(keys, *note, file);
    if (!checkpoint) return std::nullopt;
    return Lost{
        .origin = checkpoint->origin, .checkpoint = std::move(*checkpoint), .unkept = *note};
}

Status expect_named(const Lost& lost, std::string_view named) {
    if (named.empty() || named == lost.origin) return {};
    return fail(ErrorCode::conflict, "--lost " + std::string(named) +
                                         ": 失われたのは別のログです / the log that was here is " +
                                         lost.origin);
}

Result<Lost> what_was_lost(const Config& config, const DataKeys& keys, std::string_view named,
                           bool begun) {
    auto lost = kept_of_lost(config, keys);
    if (lost && !*lost && !begun) {
        auto options = log_options(config);
        SHIKAKU_TRY_LET(const auto of_this_name, take_anchors_of(options, config.log_origin));
        if (!of_this_name.empty()) return another_name(config);
        lost = told_by_log(config, keys);
    }
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
    SHIKAKU_TRY(expect_named(**lost, named));
    return std::move(**lost);
}

// What does not open for another reason may still be whole.
bool is_loss(const Error& error) {
    return error.code == ErrorCode::corrupt || error.code == ErrorCode::not_found;
}

// A log that holds all that its anchors know was not lost; one that could not be read for another
// reason than what it holds may not be. Where no anchor is left and registry.db is lost as well,
// nothing tells whether it is whole.
Status expect_lost(const Config& config, const DataKeys& keys, const Clock& clock,
                   const std::string& origin, RegistryFile registry) {
    auto options = log_options(config);
    options.origin = origin;
    SHIKAKU_TRY_LET(auto anchors, take_anchors_of(options, origin));
    std::error_code error;
    if (anchors.empty() && registry == RegistryFile::lost &&
        !std::filesystem::exists(registry_of(config), error))
        return {};
    options.anchors = std::move(anchors);
    const auto opened = audit::Log::open(std::move(options), *keys.ring, *keys.log_signer, clock);
    if (opened)
        return fail(ErrorCode::conflict,
                    "ログは失われていません。[log] origin を戻してください / the log " + origin +
                        " is whole, there is nothing to continue: set [log] origin back");
    return is_loss(opened.error()) ? Status{} : fail(opened.error());
}

const std::string kAside = "lost-";

Result<std::filesystem::path> move_aside(const std::filesystem::path& database, Instant now) {
    auto lock_file = database;
    lock_file += ".lock";
    SHIKAKU_TRY_LET(const auto lock, storage::FileLock::take(lock_file));
    const auto first = kAside + to_compact_jst(now);
    auto aside = database.parent_path() / first;
    for (int again = 2; std::filesystem::exists(aside); ++again)
        aside = database.parent_path() / (first + "-" + std::to_string(again));
    SHIKAKU_TRY(make_folder(aside));
    auto wal = database;
    auto shm = database;
    wal += "-wal";
    shm += "-shm";
    for (const auto& file : {storage::entries_of(database), wal, shm, database}) {
        std::error_code error;
        if (!std::filesystem::exists(file, error)) continue;
        std::filesystem::rename(file, aside / file.filename(), error);
        if (error)
            return fail(
                ErrorCode::storage_unavailable,
                "cannot move " + file.string() + " to " + aside.string() + ": " + error.message());
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
        .field("action", kAction)
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

Result<Lost> read_continued(std::string_view detail) {
    SHIKAKU_TRY_LET(const auto json, parse_json(detail));
    JsonObject object(json, ErrorCode::not_found);
    std::string action;
    Lost lost;
    std::optional<std::uint64_t> size;
    object.needed("action", action)
        .needed("lost")
        .nested("lost", [&](const Json& of, std::string at) {
            JsonObject log(of, ErrorCode::not_found, std::move(at));
            return log.needed("origin", lost.origin).maybe("size", size).done_with_others();
        });
    SHIKAKU_TRY(object.done_with_others());
    if (action != kAction) return fail(ErrorCode::not_found, "is another action");
    if (size) lost.checkpoint = {.origin = lost.origin, .size = *size};
    return lost;
}

// What a continue_log() that was cut short has left: the new log, not yet kept by every anchor.
struct Begun {
    std::unique_ptr<audit::Log> log;
    std::optional<Lost> said;  // by its one entry; nullopt: there is none yet
};

Result<std::optional<Begun>> begun_before(const Config& config, const DataKeys& keys,
                                          const Clock& clock) {
    SHIKAKU_TRY_LET(const auto told, told_by_log(config, keys));
    if (!told || told->origin != config.log_origin) return std::nullopt;
    auto options = log_options(config);
    SHIKAKU_TRY_LET(auto anchors, take_anchors_of(options, config.log_origin));
    if (options.anchors.empty()) return std::nullopt;  // it came to its end
    options.anchors = std::move(anchors);
    auto log = audit::Log::open(std::move(options), *keys.ring, *keys.log_signer, clock);
    if (!log && is_loss(log.error())) return std::nullopt;
    if (!log) return fail(std::move(log.error()));
    const auto size = (*log)->checkpoint().checkpoint.size;
    if (size == 0) return Begun{.log = std::move(*log), .said = std::nullopt};
    if (size > 1) return std::nullopt;
    SHIKAKU_TRY_LET(const auto first, (*log)->open_entry(0));
    auto said = read_continued(first.detail.rest);
    if (first.leaf.kind != audit::Kind::operator_action || !said) return std::nullopt;
    return Begun{.log = std::move(*log), .said = std::move(*said)};
}

std::filesystem::path newest_aside(const std::filesystem::path& data) {
    std::filesystem::path newest;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(data, error))
        if (entry.path().filename().string().starts_with(kAside))
            newest = std::max(newest, entry.path());
    return newest;
}

// The new log with nothing in it; gives where what was left of the lost one lies.
Result<std::filesystem::path> replace_lost(const Config& config, const DataKeys& keys,
                                           const Lost& lost, const Clock& clock) {
    // Else nothing would tell what was lost when this is run again.
    if (!lost.unkept.empty())
        for (const auto& place : log_options(config).anchors)
            SHIKAKU_TRY(place->write(lost.unkept));
    auto aside = move_aside(config.data / "log.db", clock.now());
    if (!aside) return aside;
    SHIKAKU_TRY(audit::Log::create(without_anchors(config), *keys.ring, *keys.log_signer, clock));
    return aside;
}

// Its anchors come last: until then begun_before() finds it.
Result<Continued> keep(const Config& config, const DataKeys& keys, const Lost& lost,
                       const Clock& clock) {
    SHIKAKU_TRY_LET(const auto log,
                    audit::Log::open(without_anchors(config), *keys.ring, *keys.log_signer, clock));
    for (const auto& place : log_options(config).anchors)
        SHIKAKU_TRY(place->write(log->checkpoint().text));
    return Continued{.vkey = log->vkey(), .lost = lost.words()};
}

}  // namespace

Result<Continued> continue_log(const Config& config, std::string_view reason, RegistryFile registry,
                               const Clock& clock, std::string_view lost_origin) {
    SHIKAKU_TRY(check_reason(reason));
    SHIKAKU_TRY_LET(const auto keys, DataKeys::load(config));
    SHIKAKU_TRY_LET(auto begun, begun_before(config, keys, clock));
    if (begun && begun->said) {
        const Lost said = *begun->said;
        SHIKAKU_TRY(expect_named(said, lost_origin));
        SHIKAKU_TRY_LET(const auto kept, kept_of_lost(config, keys));
        if (kept) SHIKAKU_TRY(expect_named(*kept, said.origin));
        begun.reset();
        return keep(config, keys, said, clock);
    }
    SHIKAKU_TRY_LET(const auto lost, what_was_lost(config, keys, lost_origin, begun.has_value()));
    std::filesystem::path aside;
    if (begun) {
        SHIKAKU_TRY(expect_registry(config, registry));
        aside = newest_aside(config.data);
        begun.reset();
    } else {
        SHIKAKU_TRY(expect_lost(config, keys, clock, lost.origin, registry));
        SHIKAKU_TRY(expect_registry(config, registry));
        SHIKAKU_TRY_LET(auto moved, replace_lost(config, keys, lost, clock));
        aside = std::move(moved);
    }
    {
        SHIKAKU_TRY_LET(const auto log, audit::Log::open(without_anchors(config), *keys.ring,
                                                         *keys.log_signer, clock));
        SHIKAKU_TRY(log->append_and_wait({.kind = audit::Kind::operator_action,
                                          .detail = {continued_detail(lost, reason, aside)},
                                          .token = {}}));
    }
    return keep(config, keys, lost, clock);
}

}  // namespace shikaku::app
