#include "gateway/registry/intake.h"

#include <algorithm>

#include "gateway/registry/file_fault.h"
#include "gateway/support/bounds.h"

namespace shikaku::registry {
namespace {

using storage::StagedRow;

std::uint64_t random_seed() {
    std::array<std::uint8_t, 8> bytes{};
    crypto::random_bytes(bytes);
    return get_u64be(bytes);
}

// FNV-1a from a secret beginning: tells certificates of one upload apart, nothing more.
std::uint64_t mix(std::uint64_t hash, BytesView bytes) {
    for (const std::uint8_t byte : bytes)
        hash = (hash ^ byte) * 0x100000001B3ULL;
    return (hash ^ 0xFFU) * 0x100000001B3ULL;
}

std::int32_t day_number(domain::Date date) {
    return static_cast<std::int32_t>(date.days().time_since_epoch().count());
}

}  // namespace

Intake::Intake(storage::StagingStore staging, storage::AuthorityNumber set, const RecordKind& kind,
               AnyPack pack, const RowKeys& keys)
    : staging_(std::move(staging)),
      set_(set),
      kind_(kind),
      pack_(std::move(pack)),
      keys_(keys),
      certificate_seed_(random_seed()) {}

Result<std::unique_ptr<Intake>> Intake::make(const PublicationRequest& request,
                                             const std::filesystem::path& staging,
                                             const RecordKind& kind, AnyPack pack,
                                             const RowKeys& keys) {
    SHIKAKU_TRY_LET(auto store, storage::StagingStore::open(staging));
    std::unique_ptr<Intake> intake(
        new Intake(std::move(store), number_of(request.set()), kind, std::move(pack), keys));
    SHIKAKU_TRY_LET(
        auto reader,
        RowReader::make(request.format, kind.columns(),
                        [raw = intake.get()](const RawRow& row, std::span<const RowRemark> faults) {
                            return raw->on_row(row, faults);
                        }));
    intake->reader_ = std::move(reader);
    return intake;
}

Status Intake::feed(std::string_view bytes) {
    if (fault_) return {};
    return settle(reader_->feed(bytes));
}

Status Intake::finish() {
    if (fault_) return {};
    return settle(reader_->finish());
}

Status Intake::settle(Status status) {
    if (status || !is_file_fault(status.error())) return status;
    fault_ = std::move(status.error());
    return {};
}

Status Intake::on_row(const RawRow& raw, std::span<const RowRemark> faults) {
    ++read_;
    if (!faults.empty()) {
        for (const RowRemark& one : faults)
            SHIKAKU_TRY(remark(one));
        ++refused_;
        return stage_refused(raw, usable_history_key(kind_.columns(), raw));
    }
    const RowVerdict row = kind_.check(raw, pack_, content_);
    for (const RowRemark& one : row.remarks)
        SHIKAKU_TRY(remark(one));
    if (row.refused) {
        ++refused_;
        return stage_refused(raw, row.history_key);
    }
    if (row.deleted) return stage_deleted(raw, row.history_key);
    return stage(raw, row);
}

// What is in force under its key stays, and its person is remembered; without a key anybody's row
// may be missing now.
Status Intake::stage_refused(const RawRow& raw, std::string_view history_key) {
    StagedRow row{.line = static_cast<std::int64_t>(raw.line)};
    if (const auto link_key = usable_link_key(kind_.columns(), raw))
        row.person = keys_.person(kind_.records(), *link_key);
    if (!history_key.empty()) {
        row.kind = StagedRow::Kind::keep;
        row.history = keys_.history(set_, history_key);
    } else {
        row.kind = StagedRow::Kind::unattributed;
        if (row.person != storage::Key16{}) row.history = keys_.unread(set_, row.person, row.line);
    }
    return staging_.add(row, {});
}

Status Intake::stage_deleted(const RawRow& raw, std::string_view history_key) {
    return staging_.add(StagedRow{.line = static_cast<std::int64_t>(raw.line),
                                  .history = keys_.history(set_, history_key),
                                  .kind = StagedRow::Kind::deleted},
                        {});
}

Status Intake::stage(const RawRow& raw, const RowVerdict& row) {
    StagedRow staged{.line = static_cast<std::int64_t>(raw.line),
                     .history = keys_.history(set_, row.history_key),
                     .person = keys_.person(kind_.records(), row.link_key),
                     .filled = content_.filled};
    staged.content = keys_.content(staged.person, content_.bytes);
    const Bytes sealed = keys_.seal(
        {.person = staged.person, .history = staged.history, .set = set_}, content_.bytes);
    SHIKAKU_TRY(staging_.add(staged, sealed));
    if (!content_.period) return {};

    std::uint64_t certificate = mix(certificate_seed_, staged.person);
    certificate = mix(certificate, as_bytes(content_.certificate));
    return staging_.add(storage::StagedPeriod{.certificate = static_cast<std::int64_t>(certificate),
                                              .from = day_number(content_.period->from),
                                              .to = day_number(content_.period->to),
                                              .line = staged.line});
}

Status Intake::remark(const RowRemark& remark) {
    if (is_warning(remark.code)) ++warnings_;
    if (++remarks_ > bounds::kRowRemarksKept) return {};
    return staging_.add(
        storage::StagedRemark{.line = static_cast<std::int64_t>(remark.line),
                              .column = remark.column ? static_cast<int>(*remark.column) : -1,
                              .code = static_cast<int>(remark.code)});
}

}  // namespace shikaku::registry
