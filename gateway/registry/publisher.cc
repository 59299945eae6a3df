#include "gateway/registry/publisher.h"

#include <fmt/format.h>

#include <set>
#include <system_error>

#include "gateway/registry/report_json.h"
#include "gateway/registry/row_remark.h"
#include "gateway/registry/upload.h"
#include "gateway/support/bounds.h"
#include "gateway/support/id.h"
#include "gateway/support/log.h"
#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

std::string parameters_of(const PublicationRequest& request) {
    return fmt::format("{} {} {}", name(request.mode), request.dry_run ? "dry_run" : "real",
                       name(request.format));
}

Status check_key(const std::string& key) {
    if (key.empty()) return fail(ErrorCode::idempotency_key_required);
    if (key.size() > bounds::kIdempotencyKeyBytes || !is_valid_utf8(key))
        return fail(ErrorCode::invalid_field, "Idempotency-Key: at most 128 bytes of UTF-8");
    return {};
}

}  // namespace

Publisher::Publisher(storage::RegistryStorage& store, std::filesystem::path staging,
                     const RowKeys& keys, audit::Log& log, LoggedChanges& changes,
                     const Clock& clock, Published& published, const RecordKinds& kinds,
                     const Packs& packs, UploadLimits limits)
    : store_(store),
      keys_(keys),
      log_(log),
      changes_(changes),
      clock_(clock),
      published_(published),
      kinds_(kinds),
      packs_(packs),
      staging_folder_(std::move(staging)),
      room_(staging_folder_, std::move(limits)) {}

std::filesystem::path Publisher::staging_file(const std::string& id) const {
    return staging_folder_ / (id + ".db");
}

Result<std::vector<std::filesystem::path>> Publisher::held_files(
    storage::AuthorityNumber set) const {
    SHIKAKU_TRY_LET(const auto held,
                    store_.publications_in(static_cast<int>(PublicationState::held)));
    std::vector<std::filesystem::path> files;
    for (const storage::PublicationRow& row : held)
        if (row.authority == set) files.push_back(staging_file(row.id));
    return files;
}

Status Publisher::recover() {
    std::error_code error;
    std::filesystem::create_directories(staging_folder_, error);
    if (!error)
        std::filesystem::permissions(staging_folder_, std::filesystem::perms::owner_all, error);
    if (error) return fail(ErrorCode::storage_unavailable, "cannot create the staging folder");
    SHIKAKU_TRY_LET(const auto generations, store_.generations());
    for (const storage::GenerationRow& generation : generations) {
        if (generation.state == storage::GenerationRow::State::switched) continue;
        log_warn("taking out a generation that is not in force",
                 {{"authority", generation.authority}, {"generation", generation.number}});
        SHIKAKU_TRY(store_.discard(generation));
    }
    SHIKAKU_TRY(store_.forget_lone_linkage());
    SHIKAKU_TRY(
        store_.hash_clear_keys([this](storage::AuthorityNumber authority, std::string_view key) {
            return keys_.idempotency(authority, key);
        }));
    SHIKAKU_TRY_LET(const auto held,
                    store_.publications_in(static_cast<int>(PublicationState::held)));
    std::set<std::string> kept;
    for (const storage::PublicationRow& row : held)
        kept.insert(row.id);
    for (const auto& entry : std::filesystem::directory_iterator(staging_folder_, error)) {
        if (!kept.contains(entry.path().stem().string()))
            std::filesystem::remove(entry.path(), error);
    }
    return {};
}

Result<std::unique_ptr<Publisher::Claim>> Publisher::claim(RecordSet set, InFlight what) {
    const Lock lock(mutex_);
    if (!in_flight_.try_emplace(set, std::move(what)).second)
        return fail(ErrorCode::conflict, "another publication of this authority is going on");
    return std::make_unique<Claim>(*this, set);
}

Result<std::unique_ptr<Publication>> Publisher::begin(PublicationRequest request) {
    SHIKAKU_TRY(clock_.trusted());
    SHIKAKU_TRY(check_key(request.idempotency_key));
    SHIKAKU_TRY_LET(const auto* const kind, kind_of(request.records));
    PublicationReport report{.id = make_ulid(clock_.now()),
                             .mode = request.mode,
                             .dry_run = request.dry_run,
                             .records = request.records,
                             .received = clock_.now()};
    SHIKAKU_TRY_LET(auto claimed,
                    claim(request.set(), {.key = request.idempotency_key, .report = report}));

    const auto set = number_of(request.set());
    SHIKAKU_TRY_LET(const auto earlier,
                    store_.publication(set, keys_.idempotency(set, request.idempotency_key)));
    if (earlier) {
        if (earlier->parameters != parameters_of(request))
            return fail(ErrorCode::conflict, "the Idempotency-Key was used with other parameters");
        SHIKAKU_TRY_LET(auto known, report_of(*earlier));
        return std::make_unique<Repeated>(keys_, std::move(known), earlier->body);
    }
    auto pack = packs_.in_force(request.set());
    if (!pack) return fail(ErrorCode::conflict, "publish a scheme pack first");
    if (request.mode == Mode::delta) SHIKAKU_TRY(require_full(request.set()));
    SHIKAKU_TRY_LET(auto staged, held_files(set));
    SHIKAKU_TRY(room_.check(staged));
    staged.push_back(staging_file(report.id));
    auto intake = Intake::make(request, staging_file(report.id), *kind, std::move(pack), keys_);
    if (!intake) {
        storage::StagingStore::remove(staging_file(report.id));
        return fail(std::move(intake.error()));
    }
    return std::make_unique<Upload>(*this, std::move(request), std::move(claimed),
                                    std::move(*intake), std::move(report), std::move(staged));
}

// A delta alone would say of everybody it does not name that there is no record.
Status Publisher::require_full(RecordSet set) const {
    const auto now = published_.in_force(set);
    SHIKAKU_TRY_LET(const auto generations, store_.generations(number_of(set)));
    for (const storage::GenerationRow& one : generations) {
        if (!now || one.number > now->generation ||
            one.state != storage::GenerationRow::State::switched)
            continue;
        SHIKAKU_TRY_LET(const auto made_by, store_.publication(one.publication));
        if (made_by && made_by->parameters.starts_with(name(Mode::full))) return {};
    }
    return fail(ErrorCode::full_publication_required,
                "no full publication of this authority is in force: send one with mode=full");
}

Result<const RecordKind*> Publisher::kind_of(RecordType records) const {
    const RecordKind* const kind = kinds_.find(records);
    if (kind == nullptr)
        return fail(ErrorCode::unprocessable,
                    "this gateway takes no " + std::string(name(records)));
    return kind;
}

Result<PublicationReport> Publisher::report_of(const storage::PublicationRow& row) {
    const auto json = parse_json(row.report);
    if (!json) return fail(ErrorCode::corrupt, "a stored publication report is not JSON");
    return read_report(*json);
}

storage::PublicationRow Publisher::row_of(const PublicationRequest& request,
                                          const PublicationReport& report, std::int64_t base,
                                          const Hash256& body) const {
    const auto set = number_of(request.set());
    return {.id = report.id,
            .authority = set,
            .idempotency_key = keys_.idempotency(set, request.idempotency_key),
            .parameters = parameters_of(request),
            .state = static_cast<int>(report.state),
            .base = base,
            .report = report_json(report),
            .body = Bytes(body.begin(), body.end())};
}

Result<storage::PublicationRow> Publisher::stored(domain::AuthorityCode authority,
                                                  const std::string& id) const {
    SHIKAKU_TRY_LET(auto row, store_.publication(id));
    if (!row || set_of(row->authority).authority != authority)
        return fail(ErrorCode::not_found, "no publication with this id");
    return std::move(*row);
}

Result<PublicationReport> Publisher::report(domain::AuthorityCode authority,
                                            const std::string& id) const {
    {
        const Lock lock(mutex_);
        for (const auto& [set, going] : in_flight_)
            if (set.authority == authority && going.report.id == id && !going.key.empty())
                return going.report;
    }
    SHIKAKU_TRY_LET(const auto row, stored(authority, id));
    return report_of(row);
}

Result<std::string> Publisher::errors_csv(domain::AuthorityCode authority,
                                          const std::string& id) const {
    SHIKAKU_TRY_LET(const auto known, report(authority, id));
    SHIKAKU_TRY_LET(const auto stored_remarks, store_.remarks(id));
    if (stored_remarks.empty() && known.refused + known.warnings > 0)
        return fail(ErrorCode::not_found, "the remarks of this publication are erased");
    std::vector<RowRemark> remarks;
    remarks.reserve(stored_remarks.size());
    for (const storage::StagedRemark& remark : stored_remarks)
        remarks.push_back(row_remark(remark));
    SHIKAKU_TRY_LET(const auto* const kind, kind_of(known.records));
    return registry::errors_csv(remarks, kind->columns(), remarks.size() < bounds::kRowRemarksKept);
}

}  // namespace shikaku::registry
