#include "gateway/registry/registry.h"

#include <map>
#include <set>
#include <system_error>

#include "gateway/registry/entitlement_kind.h"
#include "gateway/registry/housekeeping.h"
#include "gateway/registry/logged_changes.h"
#include "gateway/registry/published.h"
#include "gateway/registry/publisher.h"
#include "gateway/registry/schemes.h"
#include "gateway/storage/file_lock.h"
#include "gateway/storage/sqlite/registry_store.h"

namespace shikaku::registry {

namespace {

// A file made before files kept check values of their keys: one row of it must open, and be found
// under the hash it stands under.
Status prove_keys(storage::RegistryStorage& store, const crypto::KeyRing& ring,
                  const RecordKinds& kinds) {
    SHIKAKU_TRY_LET(const auto row, store.newest_row());
    if (!row) return {};
    const RowKeys keys(ring);
    const auto content = keys.open(
        {.person = row->person, .history = row->history, .set = row->authority}, row->sealed);
    if (!content) return fail(storage::wrong_key(store.place(), "seal"));
    const RecordKind* const kind = kinds.find(set_of(row->authority).records);
    if (kind == nullptr) return fail(ErrorCode::corrupt, "registry.db has rows of no known kind");
    const auto history_key = kind->history_key_of(*content);
    if (!history_key) return fail(storage::wrong_key(store.place(), "seal"));
    if (keys.history(row->authority, *history_key) != row->history)
        return fail(storage::wrong_key(store.place(),
                                       crypto::KeyRing::name(crypto::BlindPurpose::registry)));
    return {};
}

Status expect_keys(storage::RegistryStorage& store, const crypto::KeyRing& ring,
                   const RecordKinds& kinds) {
    return store.expect_keys(
        {.ring = ring.check_values(),
         .used = {crypto::KeyRing::name(crypto::BlindPurpose::registry), ring.active_seal_name()},
         .proven = [&] { return prove_keys(store, ring, kinds); },
         .needed = [&store](std::string_view name) -> Result<bool> {
             const auto id = crypto::KeyRing::seal_id(name);
             if (!id) return true;
             return store.is_sealed_with({*id, crypto::kLongNonce | *id});
         }});
}

}  // namespace

struct Registry::Impl {
    Impl(std::unique_ptr<storage::RegistryStorage> opened, const std::filesystem::path& staging,
         const crypto::KeyRing& ring, audit::Log& log, const Clock& clock,
         const UploadLimits& limits, RecordKinds known)
        : kinds(std::move(known)),
          store(std::move(opened)),
          keys(ring),
          published(*store, keys),
          changes(*store, log),
          packs(*store, changes, clock, kinds),
          schemes(packs),
          publisher(*store, staging, keys, log, changes, clock, published, kinds, packs, limits),
          housekeeping(*store, publisher, clock) {}

    // Of registry.db: another process would take our unfinished generations for leftovers.
    std::optional<storage::FileLock> lock;
    RecordKinds kinds;
    std::unique_ptr<storage::RegistryStorage> store;
    RowKeys keys;
    Published published;
    LoggedChanges changes;
    Packs packs;
    Schemes schemes;
    Publisher publisher;
    Housekeeping housekeeping;
};

Registry::Registry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Registry::~Registry() = default;

namespace {

// A file that is not there is a new installation's only when the log tells of nothing in it.
Status refuse_when_lost(const std::filesystem::path& database, const audit::Log& log) {
    std::error_code error;
    if (std::filesystem::exists(database, error)) return {};
    SHIKAKU_TRY_LET(const auto lost, tells_of_registry(log));
    if (!lost) return {};
    return fail(ErrorCode::corrupt,
                database.string() +
                    " is missing, but the log tells of what was published. Is the volume mounted? "
                    "Else restore registry.db from the same backup as log.db and log.entries. "
                    "(registry.db がありません。ログには公開の記録があります。ボリュームの"
                    "マウントを確認し、同じバックアップから復元してください。)");
}

}  // namespace

Result<std::unique_ptr<Registry>> Registry::open(const std::filesystem::path& database,
                                                 const crypto::KeyRing& keys, audit::Log& log,
                                                 const Clock& clock, const UploadLimits& limits,
                                                 RecordKinds kinds) {
    SHIKAKU_TRY_LET(auto lock, storage::FileLock::take(database.string() + ".lock"));
    SHIKAKU_TRY(refuse_when_lost(database, log));
    SHIKAKU_TRY_LET(auto store, storage::RegistryStore::open(database));
    SHIKAKU_TRY_LET(auto registry, open(std::move(store), database.parent_path() / "staging", keys,
                                        log, clock, limits, std::move(kinds)));
    registry->impl_->lock = std::move(lock);
    return registry;
}

Result<std::unique_ptr<Registry>> Registry::open(std::unique_ptr<storage::RegistryStorage> storage,
                                                 const std::filesystem::path& staging,
                                                 const crypto::KeyRing& keys, audit::Log& log,
                                                 const Clock& clock, const UploadLimits& limits,
                                                 RecordKinds kinds) {
    SHIKAKU_TRY(expect_keys(*storage, keys, kinds));
    auto impl = std::make_unique<Impl>(std::move(storage), staging, keys, log, clock, limits,
                                       std::move(kinds));
    SHIKAKU_TRY(impl->changes.hold_against_log());
    SHIKAKU_TRY(impl->publisher.recover());
    SHIKAKU_TRY(impl->packs.load());
    impl->schemes.load();
    SHIKAKU_TRY(impl->published.reload());
    return std::unique_ptr<Registry>(new Registry(std::move(impl)));
}

Result<std::vector<domain::AuthorityCode>> Registry::continue_after_loss(
    const std::filesystem::path& database, audit::Log& log, std::string_view reason) {
    SHIKAKU_TRY_LET(const auto lock, storage::FileLock::take(database.string() + ".lock"));
    SHIKAKU_TRY_LET(auto store, storage::RegistryStore::open(database));
    return LoggedChanges(*store, log).continue_after_loss(reason);
}

storage::Reply<PublishedRecords> Registry::look_up(domain::AuthorityCode authority,
                                                   const Hash256& link_key) const {
    const auto now = impl_->published.in_force(subsidies_of(authority));
    if (!now)
        return Result<PublishedRecords>(
            fail(ErrorCode::not_found, "the authority has published nothing yet"));
    return impl_->published.find_all(link_key).map<PublishedRecords>(
        [authority, as_of = now->switched](std::vector<PublishedFor> all) {
            PublishedRecords records{.entitlements = {}, .as_of = as_of};
            for (PublishedFor& one : all) {
                if (one.authority != authority) continue;
                records.entitlements = std::move(one.entitlements);
                records.as_of = one.as_of;
                records.cut_off = one.cut_off;
            }
            return records;
        });
}

storage::Reply<std::vector<PublishedFor>> Registry::look_up_all(const Hash256& link_key) const {
    return impl_->published.find_all(link_key);
}

std::optional<InForce> Registry::in_force(domain::AuthorityCode authority) const {
    return impl_->published.told(subsidies_of(authority));
}

storage::Reply<std::vector<PublishedRows>> Registry::look_up_rows(RecordType records,
                                                                  const Hash256& link_key) const {
    return impl_->published.rows_of(records, link_key);
}

std::optional<InForce> Registry::in_force(RecordSet set) const {
    return impl_->published.told(set);
}

const Packs& Registry::packs() const {
    return impl_->packs;
}

Result<Packs::Outcome> Registry::put_pack(RecordSet set, std::string_view pack,
                                          std::string_view caller) {
    if (set.records != RecordType::subsidies) return impl_->packs.put(set, pack, caller);
    return fail(ErrorCode::internal, "packs of subsidies go through put_schemes()");
}

bool Registry::has_published(domain::AuthorityCode authority) const {
    return impl_->published.has_published(subsidies_of(authority));
}

Result<std::vector<domain::AuthorityCode>> Registry::authorities_of(const Hash256& link_key) const {
    return storage::blocking(impl_->published.authorities_of(link_key));
}

std::shared_ptr<const domain::RuleBook> Registry::rules() const {
    return impl_->schemes.rules();
}

Result<std::string> Registry::pack_text(domain::AuthorityCode authority,
                                        const std::string& version) const {
    return impl_->packs.text(subsidies_of(authority), version);
}

Result<std::shared_ptr<const domain::SchemePack>> Registry::pack(domain::AuthorityCode authority,
                                                                 const std::string& version) const {
    return impl_->schemes.pack(authority, version);
}

void Registry::set_local_order(std::map<std::string, std::vector<std::string>, std::less<>> order) {
    impl_->schemes.set_local_order(std::move(order));
}

Result<Registry::PackOutcome> Registry::put_schemes(domain::AuthorityCode authority,
                                                    std::string_view pack,
                                                    std::string_view caller) {
    return impl_->schemes.put(authority, pack, caller);
}

Result<std::unique_ptr<Publication>> Registry::begin(PublicationRequest request) {
    return impl_->publisher.begin(std::move(request));
}

Result<PublicationReport> Registry::report(domain::AuthorityCode authority,
                                           const std::string& id) const {
    return impl_->publisher.report(authority, id);
}

Result<std::string> Registry::errors_csv(domain::AuthorityCode authority,
                                         const std::string& id) const {
    return impl_->publisher.errors_csv(authority, id);
}

Result<PublicationReport> Registry::release(domain::AuthorityCode authority, const std::string& id,
                                            std::string reason, std::string_view caller) {
    return impl_->publisher.release(authority, id, reason, caller);
}

Result<PublicationReport> Registry::rollback(domain::AuthorityCode authority, const std::string& id,
                                             std::string reason, std::string_view caller) {
    return impl_->publisher.rollback(authority, id, reason, caller);
}

std::vector<AuthorityState> Registry::authorities() const {
    std::set<domain::AuthorityCode> codes;
    for (const domain::AuthorityCode code : impl_->published.authorities(RecordType::subsidies))
        codes.insert(code);
    const auto rules = impl_->schemes.rules();
    for (const auto& [code, pack] : rules->packs)
        codes.insert(code);
    std::vector<AuthorityState> states;
    for (const domain::AuthorityCode code : codes) {
        AuthorityState state{.authority = code, .pack_version = {}};
        if (const auto now = impl_->published.in_force(subsidies_of(code))) {
            state.generation = static_cast<std::uint64_t>(now->generation);
            state.switched_at = now->switched;
            state.rows = static_cast<std::uint64_t>(now->rows);
        }
        if (const auto pack = rules->packs.find(code); pack != rules->packs.end())
            state.pack_version = pack->second->version;
        if (const auto at = rules->accepted.find(code); at != rules->accepted.end())
            state.pack_accepted = at->second;
        states.push_back(std::move(state));
    }
    return states;
}

Status Registry::settle() {
    return impl_->changes.settle();
}

void Registry::keep_house() {
    impl_->housekeeping.start();
}

void Registry::keep_house_once() {
    impl_->housekeeping.round();
}

bool Registry::damaged() const {
    return impl_->published.damaged() || impl_->housekeeping.found_damage();
}

}  // namespace shikaku::registry
