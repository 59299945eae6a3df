// The part of the publisher that puts publications in force, releases and rolls back.
#include <algorithm>

#include "gateway/registry/log_details.h"
#include "gateway/registry/report_json.h"
#include "gateway/registry/upload.h"
#include "gateway/support/bounds.h"
#include "gateway/support/log.h"
#include "gateway/support/text.h"

namespace shikaku::registry {
namespace {

Status check_reason(std::string_view reason) {
    if (reason.empty() || reason.size() > bounds::kReasonBytes || !is_valid_utf8(reason))
        return fail(ErrorCode::invalid_field, "a reason of 1 to 1000 bytes is required", "/reason");
    if (domain::contains_personal_number(reason))
        return fail(ErrorCode::personal_number_refused, "the reason holds a personal number",
                    "/reason");
    return {};
}

constexpr std::string_view kRollback = "rollback";

const domain::Localized kSuperseded{
    "別の公開が先に有効になったため、この公開は有効にできません。",
    "Another publication was switched in first, so this one cannot be put in force."};

const domain::Localized kHeldTooLong{
    "保留のまま30日が過ぎたため、この公開は取り下げられました。",
    "This publication was held for 30 days and nobody released it."};

}  // namespace

Status Publisher::discard_leftovers(storage::AuthorityNumber set) {
    SHIKAKU_TRY_LET(const auto generations, store_.generations(set));
    for (const storage::GenerationRow& generation : generations) {
        if (generation.state != storage::GenerationRow::State::switched)
            SHIKAKU_TRY(store_.discard(generation));
    }
    return {};
}

Status Publisher::put_in_force(Switching what, storage::StagingStore& staging,
                               PublicationReport& report) {
    SHIKAKU_TRY(clock_.trusted());  // its time says how old the data is
    SHIKAKU_TRY(room_.check_switch(staging_file(what.row.id)));
    SHIKAKU_TRY_LET(const auto lines, staging.last_line());
    SHIKAKU_TRY_LET(auto generation,
                    store_.begin_generation(what.row.authority, what.row.base, what.row.id, lines));
    const auto before = published_.in_force(what.set);
    generation.rows = (before ? before->rows : 0) + static_cast<std::int64_t>(report.added) -
                      static_cast<std::int64_t>(report.ended);
    auto done = store_.write_changes(generation, staging);
    if (done) done = log_and_switch(what, generation, report);
    store_.after_publication();
    if (done) {
        supersede_held(what.row.authority, kSuperseded);
        return done;
    }
    if (report.log_index) changes_.undo(intent_of(what, generation), what.caller);
    // What the failed transaction left is read again, not assumed.
    const auto seen = published_.reload(what.set);
    if (const auto now = published_.in_force(what.set);
        seen && now && now->generation == generation.number)
        return {};
    report.log_index.reset();
    if (!seen) return done;
    if (auto out = discard_leftovers(what.row.authority); !out)
        log_error("a generation that failed stays until the next one", out.error());
    return done;
}

storage::IntentRow Publisher::intent_of(const Switching& what,
                                        const storage::GenerationRow& generation) {
    const bool back = what.step == kRollback;
    return {.authority = generation.authority,
            .subject = what.row.id,
            .step = std::string(what.step),
            .base = back ? generation.number : generation.base,
            .target = back ? generation.base : generation.number};
}

Result<std::uint64_t> Publisher::log_switch(const Switching& what,
                                            const storage::IntentRow& intent) {
    return changes_.log(
        intent,
        switch_detail(
            what.set, what.caller, what.row.id,
            {.step = what.step, .from = intent.base, .to = intent.target, .reason = what.reason}),
        what.caller);
}

Status Publisher::log_and_switch(Switching& what, storage::GenerationRow& generation,
                                 PublicationReport& report) {
    report.state = PublicationState::active;
    SHIKAKU_TRY(log_.append_and_wait({.kind = audit::Kind::publication,
                                      .detail = publication_detail(what.set, what.caller, report),
                                      .token = std::nullopt}));
    SHIKAKU_TRY_LET(const auto index, log_switch(what, intent_of(what, generation)));
    report.log_index = index;
    report.switched = clock_.now();
    generation.switched_ms = unix_ms(*report.switched);
    what.row.state = static_cast<int>(report.state);
    what.row.report = report_json(report);
    SHIKAKU_TRY(store_.switch_to(generation, what.row, index));
    return published_.reload(what.set);
}

// Held publications were compared with what is no longer in force.
void Publisher::supersede_held(storage::AuthorityNumber set, const domain::Localized& because) {
    const auto held = store_.publications_in(static_cast<int>(PublicationState::held));
    if (!held) return log_error("held publications cannot be read", held.error());
    for (const storage::PublicationRow& row : *held) {
        if (row.authority != set) continue;
        if (auto rejected = reject_stale(row, because); !rejected)
            log_error("a held publication stays", rejected.error());
    }
}

void Publisher::reject_held_before(Instant time) {
    const auto held = store_.publications_in(static_cast<int>(PublicationState::held));
    if (!held) return log_error("held publications cannot be read", held.error());
    for (const storage::PublicationRow& row : *held) {
        if (const auto report = report_of(row); !report || report->received >= time) continue;
        const auto claimed = claim(set_of(row.authority), {});
        if (!claimed) continue;  // it is being released, or superseded: the next round will see
        const auto now = store_.publication(row.id);
        if (!now || !*now || (*now)->state != row.state) continue;
        if (const auto rejected = reject_stale(row, kHeldTooLong); !rejected)
            log_error("a held publication stays", rejected.error());
    }
}

Status Publisher::reject_stale(storage::PublicationRow row, const domain::Localized& because) {
    SHIKAKU_TRY_LET(auto report, report_of(row));
    report.state = PublicationState::rejected;
    report.rejected_because.push_back(because);
    row.state = static_cast<int>(report.state);
    row.report = report_json(report);
    SHIKAKU_TRY(store_.put(row));
    storage::StagingStore::remove(staging_file(row.id));
    return {};
}

Result<PublicationReport> Publisher::release(domain::AuthorityCode authority, const std::string& id,
                                             std::string_view reason, std::string_view caller) {
    SHIKAKU_TRY(check_reason(reason));
    SHIKAKU_TRY_LET(const auto known, stored(authority, id));
    const RecordSet set = set_of(known.authority);
    SHIKAKU_TRY_LET(const auto claimed, claim(set, {}));
    SHIKAKU_TRY_LET(auto row, stored(authority, id));  // as it is while nobody else changes it
    auto report = report_of(row);
    if (!report) return report;
    if (report->state != PublicationState::held || report->dry_run)
        return fail(ErrorCode::conflict, "this publication is not held");
    SHIKAKU_TRY(discard_leftovers(row.authority));
    const auto now = published_.in_force(set);
    if ((now ? now->generation : 0) != row.base || !std::filesystem::exists(staging_file(id))) {
        SHIKAKU_TRY(reject_stale(std::move(row), kSuperseded));
        return fail(ErrorCode::conflict, "the publication was compared with other data");
    }
    {
        SHIKAKU_TRY_LET(auto staging, storage::StagingStore::open(staging_file(id)));
        SHIKAKU_TRY(put_in_force({.set = set,
                                  .caller = caller,
                                  .step = "release",
                                  .reason = reason,
                                  .row = std::move(row)},
                                 staging, *report));
    }
    storage::StagingStore::remove(staging_file(id));
    return report;
}

Result<PublicationReport> Publisher::rollback(domain::AuthorityCode authority,
                                              const std::string& id, std::string_view reason,
                                              std::string_view caller) {
    SHIKAKU_TRY(check_reason(reason));
    SHIKAKU_TRY_LET(const auto known, stored(authority, id));
    const RecordSet set = set_of(known.authority);
    SHIKAKU_TRY_LET(const auto claimed, claim(set, {}));
    SHIKAKU_TRY_LET(auto row, stored(authority, id));  // as it is while nobody else changes it
    auto report = report_of(row);
    if (!report) return report;
    SHIKAKU_TRY_LET(const auto generations, store_.generations(row.authority));
    const auto now = published_.in_force(set);
    const auto generation = std::ranges::find_if(
        generations,
        [&](const storage::GenerationRow& one) { return now && one.number == now->generation; });
    if (generation == generations.end() || generation->publication != id)
        return fail(ErrorCode::conflict, "this publication is not the one in force");

    SHIKAKU_TRY_LET(const auto kept, store_.authority(generation->authority));
    if (kept && generation->base < kept->swept)
        return fail(ErrorCode::conflict, "what was in force before is erased already");
    Switching back{
        .set = set, .caller = caller, .step = kRollback, .reason = reason, .row = std::move(row)};
    const storage::IntentRow intent = intent_of(back, *generation);
    SHIKAKU_TRY_LET(const auto index, log_switch(back, intent));
    report->state = PublicationState::rolled_back;
    report->log_index = index;
    back.row.state = static_cast<int>(report->state);
    back.row.report = report_json(*report);
    const auto done = store_.roll_back(*generation, back.row, index);
    if (!done) changes_.undo(intent, caller);
    // What a failed transaction left is read again, not assumed.
    SHIKAKU_TRY(published_.reload(set));
    if (const auto left = published_.in_force(set);
        !done && left && left->generation == generation->number)
        return fail(done.error());
    supersede_held(back.row.authority, kSuperseded);
    return report;
}

}  // namespace shikaku::registry
