#include "gateway/kinds/checkup/answer.h"

#include <algorithm>

#include "gateway/crypto/hash.h"
#include "gateway/domain/answer_writer.h"
#include "gateway/domain/authority_names.h"
#include "gateway/domain/field_text.h"
#include "gateway/kinds/checkup/wording_fingerprint.h"  // made by wording.cmake, in the build folder

namespace shikaku::checkup {
namespace {

using domain::AnswerWriter;
using domain::SourceStatus;

std::size_t checkups_in(const Facts& facts) {
    std::size_t count = 0;
    for (const Finding& finding : facts.findings)
        count += finding.checkups.size();
    return count;
}

// One record, who said it, and what its codes mean.
struct Shown {
    const Finding* finding;
    const Checkup* checkup;
    const CheckupPack* pack;  // null: none of this authority
    const CheckupType* type;  // null: the pack does not know it
};

// The newest first; then as the table of fields compares, so that the same facts give one order.
std::vector<Shown> shown(const Facts& facts, const Packs& packs, bool (Checkup::*which)() const,
                         std::optional<domain::Date> Checkup::* day) {
    std::vector<Shown> all;
    for (const Finding& finding : facts.findings) {
        const auto pack = packs.find(finding.authority);
        const CheckupPack* const codes = pack == packs.end() ? nullptr : pack->second.get();
        for (const Checkup& one : finding.checkups)
            if ((one.*which)())
                all.push_back({.finding = &finding,
                               .checkup = &one,
                               .pack = codes,
                               .type = codes == nullptr ? nullptr : codes->find(one.checkup_id)});
    }
    std::ranges::sort(all, [day](const Shown& a, const Shown& b) {
        const auto key = [](const Shown& one) {
            return std::tuple(one.finding->authority, one.checkup->checkup_id,
                              one.checkup->history_key);
        };
        if (a.checkup->*day != b.checkup->*day) return a.checkup->*day > b.checkup->*day;
        return key(a) < key(b);
    });
    return all;
}

void write_name(JsonWriter& json, const domain::Localized* text, std::string_view otherwise) {
    domain::write_text(json, "name",
                       text != nullptr ? *text
                                       : domain::Localized{.ja = std::string(otherwise),
                                                           .en = std::string(otherwise)});
}

// {"code", "name"}; a code that the pack does not have stands for itself.
void write_coded(JsonWriter& json, std::string_view key, const std::vector<Coded>* list,
                 std::string_view code) {
    const Coded* const known = list == nullptr ? nullptr : find_coded(*list, code);
    json.key(key).begin_object().field("code", code);
    write_name(json, known == nullptr ? nullptr : &known->name, code);
    json.end_object();
}

void write_head(JsonWriter& json, const Shown& one) {
    json.key("authority")
        .begin_object()
        .field("code", one.finding->authority.text())
        .field("name", domain::authority_name(one.finding->authority))
        .end_object();
    json.key("checkup").begin_object().field("id", one.checkup->checkup_id);
    write_name(json, one.type == nullptr ? nullptr : &one.type->name, one.checkup->checkup_id);
    json.end_object();
    json.field("fiscal_year", one.checkup->fiscal_year->text());
}

void write_tail(AnswerWriter& out, const Shown& one, Instant now) {
    out.freshness(domain::Freshness::published, one.finding->as_of, now);
    if (one.pack != nullptr) out.json().field("pack_version", one.pack->version);
}

std::string_view state_of(const Checkup& one, domain::Date on) {
    if (one.is_result()) return "taken";
    if (on < *one.invited_from) return "not_yet";
    return on > *one.invited_to ? "over" : "open";
}

void write_invitation(AnswerWriter& out, const Shown& one, const Query& query, Instant now) {
    JsonWriter& json = out.json();
    const Checkup& checkup = *one.checkup;
    json.begin_object();
    write_head(json, one);
    out.dates("period", *checkup.invited_from, *checkup.invited_to);
    json.field("state", state_of(checkup, query.service_date));
    if (!checkup.ticket_number.empty()) json.field("ticket_number", checkup.ticket_number);
    if (checkup.own_payment_yen) json.field("own_payment_yen", *checkup.own_payment_yen);
    write_tail(out, one, now);
    json.end_object();
}

void write_items(JsonWriter& json, const Shown& one) {
    json.key("items").begin_array();
    for (const std::string& text : one.checkup->items) {
        const auto parts = domain::split_item(text);
        if (!parts) continue;
        const ItemType* const item =
            one.type == nullptr ? nullptr : find_item(*one.type, parts->code);
        json.begin_object().field("code", parts->code);
        write_name(json, item == nullptr ? nullptr : &item->name, parts->code);
        json.field("value", parts->value);
        if (item != nullptr && !item->unit.empty()) json.field("unit", item->unit);
        if (!parts->judgement.empty())
            write_coded(json, "judgement",
                        one.type == nullptr ? nullptr : &one.type->item_judgements,
                        parts->judgement);
        json.end_object();
    }
    json.end_array();
}

void write_detailed(AnswerWriter& out, const Shown& one) {
    const Checkup& checkup = *one.checkup;
    if (!checkup.detailed_exam && !checkup.detailed_on && checkup.detailed_outcome.empty()) return;
    JsonWriter& json = out.json();
    json.key("detailed_exam").begin_object();
    if (checkup.detailed_exam) json.field("needed", *checkup.detailed_exam != 0);
    if (checkup.detailed_on) out.date("examined_on", *checkup.detailed_on);
    if (!checkup.detailed_outcome.empty())
        write_coded(json, "outcome", one.type == nullptr ? nullptr : &one.type->outcomes,
                    checkup.detailed_outcome);
    json.end_object();
}

void write_result(AnswerWriter& out, const Shown& one, Instant now) {
    JsonWriter& json = out.json();
    const Checkup& checkup = *one.checkup;
    json.begin_object();
    write_head(json, one);
    out.date("examined_on", *checkup.examined_on);
    if (!checkup.institution.empty() || !checkup.institution_name.empty()) {
        json.key("institution").begin_object();
        if (!checkup.institution.empty()) json.field("code", checkup.institution.front().text());
        if (!checkup.institution_name.empty()) json.field("name", checkup.institution_name);
        json.end_object();
    }
    write_items(json, one);
    if (!checkup.judgement.empty())
        write_coded(json, "judgement", one.type == nullptr ? nullptr : &one.type->judgements,
                    checkup.judgement);
    write_detailed(out, one);
    write_tail(out, one, now);
    json.end_object();
}

void write_authorities(JsonWriter& json, const Facts& facts) {
    const bool somebody_knows = checkups_in(facts) > 0;
    std::vector<SourceStatus> unnamed;
    json.key("authorities").begin_array();
    for (const Finding& finding : facts.findings) {
        if (somebody_knows && finding.checkups.empty()) {
            if (!has_answered(finding)) unnamed.push_back(finding.status);
            continue;
        }
        json.begin_object()
            .field("code", finding.authority.text())
            .field("status", domain::name(finding.status));
        if (finding.status != SourceStatus::not_connected) json.field("kind", "published");
        json.end_object();
    }
    std::ranges::sort(unnamed);
    const auto twice = std::ranges::unique(unnamed);
    unnamed.erase(twice.begin(), twice.end());
    for (const SourceStatus status : unnamed)
        json.begin_object().field("status", domain::name(status)).end_object();
    json.end_array();
}

// How old the oldest is that the answer rests on.
void write_freshness(AnswerWriter& out, const Facts& facts, Instant now) {
    std::optional<Instant> oldest;
    for (const Finding& finding : facts.findings)
        if (finding.status != SourceStatus::not_connected && finding.as_of != Instant{})
            oldest = oldest ? std::min(*oldest, finding.as_of) : finding.as_of;
    if (oldest) out.freshness(domain::Freshness::published, *oldest, now);
}

void write_advice(JsonWriter& json, const ReasonInfo& reason) {
    json.field("recommended_action", reason.recommended_action).key("advice").begin_object();
    json.key("desk").begin_object().field("ja", reason.desk.ja).field("en", reason.desk.en);
    json.end_object();
    json.key("it").begin_object().field("ja", reason.it.ja).field("en", reason.it.en);
    json.end_object().end_object();
}

}  // namespace

bool has_answered(const Finding& finding) {
    const bool answered =
        finding.status == SourceStatus::answered || finding.status == SourceStatus::no_record;
    return answered && !finding.beyond_policy && !finding.other_linkage;
}

Reason decide(const Facts& facts) {
    if (!facts.query.consent) return Reason::CONSENT_REFUSED;
    const bool all_heard = std::ranges::all_of(facts.findings, has_answered);
    const bool of_residence =
        facts.query.residence && std::ranges::any_of(facts.findings, [&](const Finding& one) {
            return one.authority == *facts.query.residence;
        });
    const bool complete = all_heard && of_residence;
    if (checkups_in(facts) > 0) return complete ? Reason::FOUND : Reason::FOUND_PARTLY;
    if (complete) return Reason::NO_RECORD;
    const auto any = [&facts](auto&& is) { return std::ranges::any_of(facts.findings, is); };
    if (any([](const Finding& one) {
            return one.status == SourceStatus::unavailable && !one.beyond_policy;
        }))
        return Reason::SOURCE_UNAVAILABLE;
    if (any([](const Finding& one) { return one.beyond_policy; }))
        return Reason::STALE_BEYOND_POLICY;
    return Reason::NOT_CONNECTED;
}

Answer derive_answer(const Facts& facts, const Packs& packs, std::string answer_id, Instant now) {
    const Reason reason = decide(facts);
    const ReasonInfo& told = info(reason);
    AnswerWriter out(1024 + 1024 * checkups_in(facts));
    JsonWriter& json = out.json();
    json.begin_object();
    out.answer_id(answer_id);
    out.date("service_date", facts.query.service_date);
    json.field("outcome", name(told.outcome)).field("reason", told.name);
    write_advice(json, told);
    json.key("invitations").begin_array();
    for (const Shown& one : shown(facts, packs, &Checkup::is_invitation, &Checkup::invited_from))
        write_invitation(out, one, facts.query, now);
    json.end_array().key("results").begin_array();
    for (const Shown& one : shown(facts, packs, &Checkup::is_result, &Checkup::examined_on))
        write_result(out, one, now);
    json.end_array();
    write_authorities(json, facts);
    write_freshness(out, facts, now);
    domain::RenderedAnswer rendered = out.take();
    return {.answer_id = std::move(answer_id),
            .reason = reason,
            .head = std::move(rendered.head),
            .content_hash = "sha256:" + to_hex(crypto::sha256(as_bytes(rendered.hashed)))};
}

std::string_view wording() {
    return SHIKAKU_WORDING;
}

}  // namespace shikaku::checkup
