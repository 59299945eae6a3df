#include "gateway/registry/logged_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "gateway/registry/log_details.h"
#include "gateway/registry/row_keys.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"

namespace shikaku::registry {
namespace {

using storage::IntentRow;

constexpr std::string_view kRestore =
    "Restore registry.db from the same backup as log.db and log.entries; where there is none: "
    "shikaku continue-registry. "
    "(registry.db がログと合いません。log.db・log.entries と同じバックアップの registry.db "
    "を復元してください。)";

constexpr std::string_view kFailed = "the switch failed";

IntentRow::Kind kind_of(audit::Kind kind) {
    return kind == audit::Kind::scheme_change ? IntentRow::Kind::schemes
                                              : IntentRow::Kind::switching;
}

std::string words_for(RecordSet set) {
    std::string words(set.authority.text());
    if (set.records != RecordType::subsidies)
        words.append(" (").append(name(set.records)).append(")");
    return words;
}

struct Logged {
    std::uint64_t index = 0;
    IntentRow::Kind kind = IntentRow::Kind::switching;
    LoggedChange change;
    // What of start and stop came next: a start means that the program ended without a word.
    std::optional<audit::Kind> then{};

    [[nodiscard]] bool undoes(const Logged& other) const {
        return other.change.step != kUndo && kind == other.kind && change.set == other.change.set &&
               change.subject == other.change.subject && change.from == other.change.to;
    }
    [[nodiscard]] std::string words() const {
        if (kind == IntentRow::Kind::schemes)
            return fmt::format("entry {} put scheme pack {} in force", index, change.subject);
        return fmt::format("entry {} ({}) made generation {} the one in force", index, change.step,
                           change.to);
    }
};

// An intent, and what the log says about it.
struct Begun {
    IntentRow intent;
    std::optional<std::uint64_t> logged{};
    bool restarted = false;  // the program was stopped or started after that: no crash in between

    [[nodiscard]] bool is(const Logged& entry) const {
        return static_cast<std::int64_t>(entry.index) > intent.after && entry.kind == intent.kind &&
               number_of(entry.change.set) == intent.authority &&
               entry.change.subject == intent.subject;
    }
    void meet(const Logged& entry) {
        const bool undone = entry.change.step == kUndo;
        if (intent.kind == IntentRow::Kind::switching &&
            (undone ? entry.change.from : entry.change.to) != intent.target)
            return;
        logged = undone ? std::nullopt : std::optional(entry.index);
        restarted = false;
    }
};

class Comparing {
  public:
    Comparing(storage::RegistryStorage& store, audit::Log& log) : store_(store), log_(log) {}

    // What the file lacks, of every authority the latest; refuse() says it.
    Status run(std::size_t most = bounds::kBehindKept) {
        most_ = most;
        SHIKAKU_TRY_LET(const auto known, store_.known_of(log_.vkey()));
        known_ = known;
        if (const auto size = log_.checkpoint().checkpoint.size;
            known_ >= static_cast<std::int64_t>(size))
            return fail(ErrorCode::corrupt,
                        fmt::format("registry.db is newer than the log: it knows entry {}, the log "
                                    "has {} entries. Restore the log and registry.db from one "
                                    "backup. (ログが registry.db より古いため起動しません。)",
                                    known_, size));
        SHIKAKU_TRY_LET(auto intents, store_.intents());
        std::int64_t after = known_;
        for (IntentRow& intent : intents) {
            after = std::min(after, intent.after);
            begun_.push_back({.intent = std::move(intent)});
        }
        SHIKAKU_TRY(log_.visit_changes(
            static_cast<std::uint64_t>(after + 1),
            [this](std::uint64_t index, audit::Kind kind) { return meet(index, kind); }));
        for (const Begun& one : begun_)
            if (one.logged && one.restarted) unknown_.push_back(name_of(one));
        return {};
    }

    // The latest of each authority says enough.
    Status refuse() {
        SHIKAKU_TRY_LET(const auto authorities, store_.authorities());
        const auto here = [&](storage::AuthorityNumber authority) {
            const auto row =
                std::ranges::find(authorities, authority, &storage::AuthorityRow::authority);
            return row == authorities.end() ? storage::AuthorityRow{} : *row;
        };
        std::map<storage::AuthorityNumber, std::string> words;
        for (const Logged& entry : unknown_)
            words[number_of(entry.change.set)] = entry.words();
        std::string text = "registry.db is older than the log";
        std::size_t shown = 0;
        for (const auto& [authority, word] : words) {
            if (++shown > bounds::kBehindShown) break;
            const storage::AuthorityRow row = here(authority);
            text += fmt::format("; {} has generation {} and scheme pack {} here, but {}",
                                words_for(set_of(authority)), row.generation,
                                row.pack_version.empty() ? "none" : row.pack_version, word);
        }
        if (words.size() > bounds::kBehindShown || more_ > 0) text += "; and others";
        text += fmt::format(" (the file knows the log up to entry {}). {}", known_, kRestore);
        return fail(ErrorCode::corrupt, std::move(text));
    }

    // A program of before there were intents was killed between entry and switch, and the next one
    // threw the generation away without a word to the log: the one entry that this file does not
    // know. nullopt: it may as well be an older file's.
    Result<std::optional<IntentRow>> never_happened() {
        if (unknown_.size() != 1 || more_ > 0) return std::nullopt;
        const Logged& entry = unknown_.front();
        const LoggedChange& change = entry.change;
        if (entry.kind != IntentRow::Kind::switching || change.to <= change.from ||
            entry.then != audit::Kind::start)
            return std::nullopt;
        const auto authority = number_of(change.set);
        SHIKAKU_TRY_LET(const auto row, store_.authority(authority));
        // Its number was given here, and what it was compared with is in force still.
        if (!row || row->generation != change.from || row->last_generation < change.to)
            return std::nullopt;
        SHIKAKU_TRY_LET(const auto generations, store_.generations(authority));
        if (std::ranges::find(generations, change.to, &storage::GenerationRow::number) !=
            generations.end())
            return std::nullopt;
        return IntentRow{.authority = authority,
                         .subject = change.subject,
                         .step = change.step,
                         .base = change.from,
                         .target = change.to};
    }

    [[nodiscard]] bool complete() const { return unknown_.empty(); }
    [[nodiscard]] const std::vector<Logged>& unknown() const { return unknown_; }

    [[nodiscard]] const std::vector<Begun>& begun() const { return begun_; }

  private:
    Status meet(std::uint64_t index, audit::Kind kind) {
        if (kind == audit::Kind::start || kind == audit::Kind::stop) {
            for (Begun& one : begun_)
                one.restarted = one.logged.has_value();
            for (Logged& one : unknown_)
                if (!one.then) one.then = kind;
            return {};
        }
        SHIKAKU_TRY_LET(const auto entry, log_.open_entry(index));
        if (entry.opened == audit::Opened::nothing)
            return fail(ErrorCode::corrupt,
                        fmt::format("entry {} of the log changed the registry after what "
                                    "registry.db knows, and its detail is erased. {}",
                                    index, kRestore));
        SHIKAKU_TRY_LET(auto change, read_change(kind, entry.detail.only()));
        const Logged logged{.index = index, .kind = kind_of(kind), .change = std::move(change)};
        const auto mine =
            std::ranges::find_if(begun_, [&](const Begun& one) { return one.is(logged); });
        if (mine != begun_.end()) {
            mine->meet(logged);
        } else if (static_cast<std::int64_t>(index) > known_) {
            note_unknown(logged);
        }
        return {};
    }

    // A switch and the entry that undoes it change nothing together.
    void note_unknown(const Logged& entry) {
        const auto same = entry.change.step != kUndo
                              ? unknown_.end()
                              : std::ranges::find_if(
                                    unknown_, [&](const Logged& one) { return entry.undoes(one); });
        if (same != unknown_.end()) {
            unknown_.erase(same);
        } else {
            unknown_.push_back(entry);
        }
        if (unknown_.size() > most_) {
            unknown_.erase(unknown_.begin());
            ++more_;
        }
    }

    static Logged name_of(const Begun& one) {
        return {.index = *one.logged,
                .kind = one.intent.kind,
                .change = {.set = set_of(one.intent.authority),
                           .subject = one.intent.subject,
                           .step = one.intent.step,
                           .from = one.intent.base,
                           .to = one.intent.target}};
    }

    storage::RegistryStorage& store_;
    audit::Log& log_;
    std::int64_t known_ = -1;
    std::vector<Begun> begun_;
    std::vector<Logged> unknown_;  // the newest
    std::size_t most_ = 0;
    std::size_t more_ = 0;
};

}  // namespace

Status LoggedChanges::hold_against_log() {
    Comparing comparing(store_, log_);
    SHIKAKU_TRY(comparing.run());
    if (!comparing.complete()) {
        SHIKAKU_TRY_LET(const auto thrown_away, comparing.never_happened());
        if (!thrown_away) return comparing.refuse();
        log_warn("a switch was logged and never made: the log gets the entry that undoes it",
                 {{"authority", thrown_away->authority}, {"step", thrown_away->step}});
        SHIKAKU_TRY(try_undo(
            *thrown_away, "gateway",
            fmt::format("the program stopped before this {} came into force", thrown_away->step)));
    }
    for (const auto& [intent, logged, restarted] : comparing.begun()) {
        if (!logged) {
            SHIKAKU_TRY(store_.forget(intent, std::nullopt));
            continue;
        }
        log_warn("a change was logged and interrupted: the log gets the entry that undoes it",
                 {{"authority", intent.authority}, {"step", intent.step}, {"entry", *logged}});
        SHIKAKU_TRY(try_undo(
            intent, "gateway",
            fmt::format("the program stopped before this {} came into force", intent.step)));
    }
    return {};
}

Result<std::vector<domain::AuthorityCode>> LoggedChanges::continue_after_loss(
    std::string_view reason) {
    Comparing comparing(store_, log_);
    SHIKAKU_TRY(comparing.run(std::numeric_limits<std::size_t>::max()));
    if (comparing.complete()) return fail(ErrorCode::conflict, "registry.db lacks nothing");
    std::map<storage::AuthorityNumber, std::int64_t> lost;  // and the generations it has had
    for (const Logged& entry : comparing.unknown()) {
        auto& last = lost[number_of(entry.change.set)];
        last = std::max({last, entry.change.from, entry.change.to});
    }
    std::vector<domain::AuthorityCode> codes;
    codes.reserve(lost.size());
    for (const auto& [set, last] : lost)
        codes.push_back(set_of(set).authority);
    std::ranges::sort(codes);
    const auto twice = std::ranges::unique(codes);
    codes.erase(twice.begin(), twice.end());
    SHIKAKU_TRY_LET(const auto logged,
                    log_.append_and_wait({.kind = audit::Kind::operator_action,
                                          .detail = {.rest = registry_lost_detail(codes, reason)},
                                          .token = std::nullopt}));
    SHIKAKU_TRY(store_.take_out(lost, logged.index));
    return codes;
}

Result<std::uint64_t> LoggedChanges::log(const IntentRow& intent, audit::Detail detail,
                                         std::string_view caller) {
    SHIKAKU_TRY(undo_standing(
        [&](const IntentRow& one) {
            return one.authority == intent.authority && one.kind == intent.kind;
        },
        "gateway"));
    SHIKAKU_TRY(store_.intend(intent));
    const auto logged = log_.append_and_wait({.kind = intent.kind == IntentRow::Kind::schemes
                                                          ? audit::Kind::scheme_change
                                                          : audit::Kind::registry_switch,
                                              .detail = std::move(detail),
                                              .token = std::nullopt});
    if (logged) return logged->index;
    undo(intent, caller);  // it may stand in the log all the same
    return fail(logged.error());
}

void LoggedChanges::undo(const IntentRow& intent, std::string_view caller) {
    const auto undone = undo_standing(
        [&](const IntentRow& one) {
            return one.authority == intent.authority && one.kind == intent.kind &&
                   one.subject == intent.subject && one.target == intent.target;
        },
        caller);
    if (!undone) log_error("a change that failed may stand in the log as done", undone.error());
}

Status LoggedChanges::settle() {
    return undo_standing([](const IntentRow&) { return true; }, "gateway");
}

Status LoggedChanges::undo_standing(const std::function<bool(const IntentRow&)>& which,
                                    std::string_view caller) {
    SHIKAKU_TRY_LET(const auto standing, store_.intents());
    for (const IntentRow& intent : standing)
        if (which(intent)) SHIKAKU_TRY(try_undo(intent, caller, kFailed));
    return {};
}

Status LoggedChanges::try_undo(const IntentRow& intent, std::string_view caller,
                               std::string_view reason) {
    const RecordSet set = set_of(intent.authority);
    const bool pack = intent.kind == IntentRow::Kind::schemes;
    SHIKAKU_TRY_LET(const auto logged,
                    log_.append_and_wait(
                        {.kind = pack ? audit::Kind::scheme_change : audit::Kind::registry_switch,
                         .detail = pack ? scheme_undo_detail(set, caller, intent.subject, reason)
                                        : switch_detail(set, caller, intent.subject,
                                                        {.step = kUndo,
                                                         .from = intent.target,
                                                         .to = intent.base,
                                                         .reason = reason}),
                         .token = std::nullopt}));
    return store_.forget(intent, logged.index);
}

Result<bool> tells_of_registry(const audit::Log& log) {
    bool any = false;
    SHIKAKU_TRY(log.visit_changes(0, [&](std::uint64_t, audit::Kind kind) -> Status {
        any = any || kind == audit::Kind::registry_switch || kind == audit::Kind::scheme_change;
        return {};
    }));
    return any;
}

}  // namespace shikaku::registry
