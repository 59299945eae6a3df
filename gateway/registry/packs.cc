#include "gateway/registry/packs.h"

#include "gateway/audit/pack_version.h"
#include "gateway/registry/log_details.h"
#include "gateway/support/bounds.h"

namespace shikaku::registry {

Packs::Packs(storage::RegistryStorage& store, LoggedChanges& changes, const Clock& clock,
             const RecordKinds& kinds)
    : store_(store),
      changes_(changes),
      clock_(clock),
      kinds_(kinds),
      in_force_(std::make_shared<const InForce>()) {}

Status Packs::load() {
    SHIKAKU_TRY_LET(const auto authorities, store_.authorities());
    auto all = std::make_shared<InForce>();
    for (const storage::AuthorityRow& row : authorities) {
        if (row.pack_version.empty()) continue;
        const RecordSet set = set_of(row.authority);
        SHIKAKU_TRY_LET(auto kept, read(set, row.pack_version));
        all->insert_or_assign(set, std::move(kept));
    }
    swap_in(std::move(all));
    return {};
}

std::shared_ptr<const Packs::InForce> Packs::in_force() const {
    const Lock lock(mutex_);
    return in_force_;
}

AnyPack Packs::in_force(RecordSet set) const {
    const auto now = in_force();
    const auto found = now->find(set);
    return found == now->end() ? nullptr : found->second.pack;
}

void Packs::swap_in(std::shared_ptr<const InForce> in_force) {
    const Lock lock(mutex_);
    in_force_.swap(in_force);
}

Result<AnyPack> Packs::pack(RecordSet set, const std::string& version) const {
    const auto now = in_force();
    const auto known = now->find(set);
    if (known != now->end() && known->second.version == version) return known->second.pack;
    SHIKAKU_TRY_LET(auto kept, read(set, version));
    return std::move(kept.pack);
}

Result<Packs::Kept> Packs::read(RecordSet set, const std::string& version) const {
    const RecordKind* const kind = kinds_.find(set.records);
    if (kind == nullptr)
        return fail(ErrorCode::corrupt, "registry.db has a pack of " +
                                            std::string(name(set.records)) +
                                            ", which this program does not know");
    SHIKAKU_TRY_LET(const auto row, stored(set, version));
    auto read = kind->read_pack(row.body, set.authority, version, PackIs::accepted_before);
    if (!read.pack)
        return fail(ErrorCode::corrupt, "a stored scheme pack cannot be read any more", version);
    return Kept{.pack = std::move(read.pack),
                .version = version,
                .accepted = Instant(std::chrono::milliseconds(row.accepted_ms))};
}

Result<std::string> Packs::text(RecordSet set, const std::string& version) const {
    SHIKAKU_TRY_LET(auto row, stored(set, version));
    return std::move(row.body);
}

Result<storage::PackRow> Packs::stored(RecordSet set, const std::string& version) const {
    SHIKAKU_TRY_LET(auto stored, store_.pack(number_of(set), version));
    if (!stored) return fail(ErrorCode::not_found, "no scheme pack with this version");
    if (!audit::is_version_of(version, stored->body))
        return fail(ErrorCode::corrupt, "the scheme pack stored as version " + version +
                                            " of authority " + std::string(set.authority.text()) +
                                            " is another one: restore registry.db");
    return std::move(*stored);
}

Result<Packs::Outcome> Packs::put(RecordSet set, std::string_view pack, std::string_view caller) {
    if (pack.size() > bounds::kSchemePackBytes)
        return fail(ErrorCode::body_too_large, "the scheme pack is too large");
    const RecordKind* const kind = kinds_.find(set.records);
    if (kind == nullptr)
        return fail(ErrorCode::unprocessable,
                    "this gateway takes no " + std::string(name(set.records)));
    Outcome outcome{.read = {}, .version = audit::pack_version(pack)};
    outcome.read = kind->read_pack(pack, set.authority, outcome.version, PackIs::new_one);
    if (!outcome.read.pack) return outcome;

    const std::lock_guard changing(changing_);
    auto all = std::make_shared<InForce>(*in_force());
    SHIKAKU_TRY_LET(const auto stored, store_.pack(number_of(set), outcome.version));
    if (stored && stored->body != pack)
        return fail(ErrorCode::corrupt, "another scheme pack is stored as version " +
                                            outcome.version + ": restore registry.db");
    if (const auto now = all->find(set);
        now != all->end() && now->second.version == outcome.version) {
        if (stored) outcome.log_index = static_cast<std::uint64_t>(stored->log_index);
        return outcome;  // it is in force already
    }
    const storage::IntentRow intent{.authority = number_of(set),
                                    .kind = storage::IntentRow::Kind::schemes,
                                    .subject = outcome.version,
                                    .step = "scheme_change"};
    SHIKAKU_TRY_LET(
        const auto logged,
        changes_.log(intent, scheme_change_detail(set, caller, outcome.version, outcome.read),
                     caller));
    outcome.log_index = logged;
    const Instant accepted = clock_.now();
    const auto done = store_.put_in_force({.authority = number_of(set),
                                           .version = outcome.version,
                                           .body = std::string(pack),
                                           .accepted_ms = accepted.time_since_epoch().count(),
                                           .log_index = static_cast<std::int64_t>(logged)});
    if (!done) {
        changes_.undo(intent, caller);
        return fail(done.error());
    }
    all->insert_or_assign(
        set, Kept{.pack = outcome.read.pack, .version = outcome.version, .accepted = accepted});
    swap_in(std::move(all));
    return outcome;
}

}  // namespace shikaku::registry
