#include "gateway/registry/schemes.h"

#include "gateway/audit/pack_version.h"
#include "gateway/registry/log_details.h"
#include "gateway/registry/row_keys.h"
#include "gateway/support/bounds.h"

namespace shikaku::registry {

Schemes::Schemes(storage::RegistryStorage& store, LoggedChanges& changes, const Clock& clock)
    : store_(store),
      changes_(changes),
      clock_(clock),
      rules_(std::make_shared<const domain::RuleBook>()) {}

Status Schemes::load() {
    SHIKAKU_TRY_LET(const auto authorities, store_.authorities());
    auto rules = std::make_shared<domain::RuleBook>(*this->rules());
    for (const storage::AuthorityRow& row : authorities) {
        if (row.pack_version.empty()) continue;
        const domain::AuthorityCode authority = code_of(row.authority);
        SHIKAKU_TRY_LET(auto stored, read(authority, row.pack_version));
        rules->packs[authority] = std::move(stored.pack);
        rules->accepted[authority] = stored.accepted;
    }
    swap_in(std::move(rules));
    return {};
}

std::shared_ptr<const domain::RuleBook> Schemes::rules() const {
    const Lock lock(mutex_);
    return rules_;
}

void Schemes::swap_in(std::shared_ptr<const domain::RuleBook> rules) {
    const Lock lock(mutex_);
    rules_.swap(rules);
}

Result<std::shared_ptr<const domain::SchemePack>> Schemes::pack(domain::AuthorityCode authority,
                                                                const std::string& version) const {
    const auto now = rules();
    const auto known = now->packs.find(authority);
    if (known != now->packs.end() && known->second->version == version) return known->second;
    SHIKAKU_TRY_LET(auto stored, read(authority, version));
    return std::move(stored.pack);
}

Result<Schemes::Stored> Schemes::read(domain::AuthorityCode authority,
                                      const std::string& version) const {
    SHIKAKU_TRY_LET(const auto stored, stored_row(authority, version));
    auto read = domain::read_accepted_pack(stored.body, authority, version);
    if (!read.pack)
        return fail(ErrorCode::corrupt, "a stored scheme pack cannot be read any more", version);
    return Stored{.pack = std::move(read.pack),
                  .accepted = Instant(std::chrono::milliseconds(stored.accepted_ms))};
}

Result<std::string> Schemes::pack_text(domain::AuthorityCode authority,
                                       const std::string& version) const {
    SHIKAKU_TRY_LET(auto stored, stored_row(authority, version));
    return std::move(stored.body);
}

Result<storage::PackRow> Schemes::stored_row(domain::AuthorityCode authority,
                                             const std::string& version) const {
    SHIKAKU_TRY_LET(auto stored, store_.pack(number_of(authority), version));
    if (!stored) return fail(ErrorCode::not_found, "no scheme pack with this version");
    if (!audit::is_version_of(version, stored->body))
        return fail(ErrorCode::corrupt, "the scheme pack stored as version " + version +
                                            " of authority " + std::string(authority.text()) +
                                            " is another one: restore registry.db");
    return std::move(*stored);
}

void Schemes::set_local_order(std::map<std::string, std::vector<std::string>, std::less<>> order) {
    const std::lock_guard changing(changing_);
    auto rules = std::make_shared<domain::RuleBook>(*this->rules());
    rules->local_order = std::move(order);
    swap_in(std::move(rules));
}

Result<Registry::PackOutcome> Schemes::put(domain::AuthorityCode authority, std::string_view pack,
                                           std::string_view caller) {
    if (pack.size() > bounds::kSchemePackBytes)
        return fail(ErrorCode::body_too_large, "the scheme pack is too large");
    Registry::PackOutcome outcome;
    outcome.version = audit::pack_version(pack);
    outcome.result = domain::read_scheme_pack(pack, authority, outcome.version);
    if (!outcome.result.pack) return outcome;

    const std::lock_guard changing(changing_);
    auto rules = std::make_shared<domain::RuleBook>(*this->rules());
    auto& in_force = rules->packs[authority];
    SHIKAKU_TRY_LET(const auto stored, store_.pack(number_of(authority), outcome.version));
    if (stored && stored->body != pack)
        return fail(ErrorCode::corrupt, "another scheme pack is stored as version " +
                                            outcome.version + ": restore registry.db");
    if (in_force && in_force->version == outcome.version) {
        if (stored) outcome.log_index = static_cast<std::uint64_t>(stored->log_index);
        return outcome;  // it is in force already
    }
    const storage::IntentRow intent{.authority = number_of(authority),
                                    .kind = storage::IntentRow::Kind::schemes,
                                    .subject = outcome.version,
                                    .step = "scheme_change"};
    SHIKAKU_TRY_LET(
        const auto logged,
        changes_.log(intent, scheme_change_detail(authority, caller, *outcome.result.pack),
                     caller));
    outcome.log_index = logged;
    const Instant accepted = clock_.now();
    const auto done = store_.put_in_force({.authority = number_of(authority),
                                           .version = outcome.version,
                                           .body = std::string(pack),
                                           .accepted_ms = unix_ms(accepted),
                                           .log_index = static_cast<std::int64_t>(logged)});
    if (!done) {
        changes_.undo(intent, caller);
        return fail(done.error());
    }
    in_force = outcome.result.pack;
    rules->accepted[authority] = accepted;
    swap_in(std::move(rules));
    return outcome;
}

}  // namespace shikaku::registry
