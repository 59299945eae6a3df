#include "gateway/registry/upload.h"

#include <algorithm>

#include "gateway/registry/file_fault.h"
#include "gateway/registry/hold_back.h"
#include "gateway/registry/log_details.h"
#include "gateway/support/bounds.h"

namespace shikaku::registry {
namespace {

const domain::Localized kNewerIsHeld{"新しい公開が保留になったため、この公開は取り下げられました。",
                                     "A newer publication is held in the place of this one."};

const domain::Localized kOtherLinkage{
    "連携用秘密鍵が、現在有効なデータのものと違います。有効にすると、同じ秘密鍵で作られたカードの"
    "照会だけがこのデータで見つかります。",
    "The linkage secret is another than that of the data in force. Once this is in force, only "
    "cards "
    "read with the same secret are found in it."};
const domain::Localized kOtherLinkageDelta{
    "差分の連携用秘密鍵が、現在有効なデータのものと違います。正しい秘密鍵で送り直すか、全件を公開し"
    "て"
    "ください。",
    "This delta's linkage secret is another than that of the data in force. Send it again with the "
    "right secret, or publish everything with mode=full."};

}  // namespace

Publisher::Claim::~Claim() {
    const Lock lock(publisher_.mutex_);
    publisher_.in_flight_.erase(set_);
}

void Publisher::Claim::show(const PublicationReport& report) {
    const Lock lock(publisher_.mutex_);
    publisher_.in_flight_.at(set_).report = report;
}

Publisher::Upload::Upload(Publisher& publisher, PublicationRequest request,
                          std::unique_ptr<Claim> claim, std::unique_ptr<Intake> intake,
                          PublicationReport report, std::vector<std::filesystem::path> staged)
    : publisher_(publisher),
      request_(std::move(request)),
      claim_(std::move(claim)),
      intake_(std::move(intake)),
      report_(std::move(report)),
      staged_(std::move(staged)) {}

Publisher::Upload::~Upload() {
    close();
}

// After this the next publication of the authority may begin.
void Publisher::Upload::close() {
    if (!intake_) return;
    intake_.reset();
    if (!keep_staging_) storage::StagingStore::remove(publisher_.staging_file(report_.id));
    claim_.reset();
}

Status Publisher::Upload::feed(std::string_view bytes) {
    if (failed_) return fail(*failed_);
    body_.feed(as_bytes(bytes));
    auto fed = intake_->feed(bytes);
    unchecked_ += bytes.size();
    if (fed && unchecked_ >= publisher_.room_.check_every()) {
        unchecked_ = 0;
        fed = publisher_.room_.check(staged_);
    }
    if (!fed) failed_ = fed.error();
    return fed;
}

Result<PublicationReport> Publisher::Upload::finish() {
    if (failed_) return fail(*failed_);
    failed_ = Error{ErrorCode::internal, "the publication has been finished already"};
    body_hash_ = publisher_.keys_.body(body_.finish());
    const auto settled = settle();
    close();
    if (!settled) return fail(settled.error());
    return report_;
}

Status Publisher::Upload::settle() {
    SHIKAKU_TRY(intake_->finish());
    report_.state = PublicationState::checking;
    report_.read = intake_->read();
    report_.refused = intake_->refused();
    report_.warnings = intake_->warnings();
    claim_->show(report_);

    if (intake_->fault()) {
        report_.state = PublicationState::rejected;
        report_.rejected_because.push_back(describe_file_fault(*intake_->fault()));
        return conclude();
    }
    SHIKAKU_TRY(compare_with_what_is_in_force());
    if (report_.state == PublicationState::rejected) return conclude();
    if (!report_.dry_run) SHIKAKU_TRY(note_linkage());
    report_.state =
        report_.held_because.empty() ? PublicationState::active : PublicationState::held;
    if (report_.dry_run) return conclude();
    if (report_.state == PublicationState::held) {
        SHIKAKU_TRY(intake_->staging().sync());
        publisher_.supersede_held(number_of(request_.set()), kNewerIsHeld);
        SHIKAKU_TRY(conclude());
        keep_staging_ = true;
        return {};
    }
    return switch_in();
}

Status Publisher::Upload::compare_with_what_is_in_force() {
    const auto set = number_of(request_.set());
    SHIKAKU_TRY_LET(const auto* const kind, publisher_.kind_of(request_.records));
    SHIKAKU_TRY(publisher_.discard_leftovers(set));
    const auto now = publisher_.published_.in_force(request_.set());
    base_ = now ? now->generation : 0;
    SHIKAKU_TRY_LET(auto rows, publisher_.store_.in_force_rows(set));
    SHIKAKU_TRY_LET(const auto comparison,
                    compare(intake_->staging(), *rows, request_.mode,
                            now ? static_cast<std::uint64_t>(now->rows) : 0,
                            {.keys = publisher_.keys_,
                             .kind = *kind,
                             .set = set,
                             .today = domain::Date::of_instant_jst(publisher_.clock_.now())}));
    report_.added = comparison.added;
    report_.changed = comparison.changed;
    report_.ended = comparison.ended;
    report_.unchanged = comparison.unchanged;
    report_.refused += comparison.refused;
    report_.warnings += comparison.warnings;
    report_.held_because = reasons_to_hold(comparison, report_, kind->columns());
    compare_linkage(publisher_.published_.told(request_.set()));
    return {};
}

// Rows that no card of the other secret finds must not stand beside those of the first.
void Publisher::Upload::compare_linkage(const std::optional<InForce>& told) {
    if (!told || !domain::differ(request_.linkage, told->linkage)) return;
    if (request_.mode == Mode::full) {
        report_.held_because.push_back(kOtherLinkage);
    } else {
        report_.state = PublicationState::rejected;
        report_.rejected_because.push_back(kOtherLinkageDelta);
    }
}

// Only what replaces every row can say of which secret they are: a delta's says nothing of the
// rows that it leaves as they are.
Status Publisher::Upload::note_linkage() {
    auto linkage = request_.mode == Mode::full ? request_.linkage : std::nullopt;
    if (!linkage) {
        const auto told = publisher_.published_.told(request_.set());
        if (told) linkage = told->linkage;
    }
    if (!linkage) return {};
    return publisher_.store_.put_linkage(report_.id, linkage->text());
}

// Refusals come before warnings in the few rows that the report shows.
Status Publisher::Upload::collect_remarks() {
    std::vector<storage::StagedRemark> kept;
    SHIKAKU_TRY(intake_->staging().each_remark(bounds::kRowRemarksKept,
                                               [&](const storage::StagedRemark& remark) {
                                                   kept.push_back(remark);
                                                   return Status{};
                                               }));
    SHIKAKU_TRY_LET(const auto* const kind, publisher_.kind_of(request_.records));
    for (const bool warnings : {false, true}) {
        for (const storage::StagedRemark& remark : kept) {
            if (report_.rows.size() == bounds::kRefusedRowsShown) break;
            const RowRemark row = row_remark(remark);
            if (is_warning(row.code) == warnings)
                report_.rows.push_back(describe(row, kind->columns()));
        }
    }
    if (kept.empty()) return {};
    return publisher_.store_.put_remarks(report_.id, kept);
}

Status Publisher::Upload::conclude() {
    SHIKAKU_TRY(collect_remarks());
    SHIKAKU_TRY_LET(const auto logged,
                    publisher_.log_.append_and_wait(
                        {.kind = audit::Kind::publication,
                         .detail = publication_detail(request_.set(), request_.caller, report_),
                         .token = std::nullopt}));
    report_.log_index = logged.index;
    return publisher_.store_.put(publisher_.row_of(request_, report_, base_, body_hash_));
}

Status Publisher::Upload::switch_in() {
    SHIKAKU_TRY(collect_remarks());
    return publisher_.put_in_force({.set = request_.set(),
                                    .caller = request_.caller,
                                    .step = "publish",
                                    .reason = {},
                                    .row = publisher_.row_of(request_, report_, base_, body_hash_)},
                                   intake_->staging(), report_);
}

Status Publisher::Repeated::feed(std::string_view bytes) {
    body_.feed(as_bytes(bytes));
    return {};
}

Result<PublicationReport> Publisher::Repeated::finish() {
    if (earlier_body_.empty())
        return fail(ErrorCode::idempotency_key_reused,
                    "whether the body is the earlier one is not known: send it with a new key");
    if (!crypto::equal_constant_time(keys_.body(body_.finish()), earlier_body_))
        return fail(ErrorCode::idempotency_key_reused, "this key was used with another body");
    return report_;
}

}  // namespace shikaku::registry
