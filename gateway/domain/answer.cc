#include "gateway/domain/answer.h"

#include <algorithm>

#include "gateway/domain/answer_writer.h"
#include "gateway/domain/authority_names.h"
#include "gateway/domain/copay_text.h"
#include "gateway/domain/explain.h"
#include "gateway/domain/texts.h"

namespace shikaku::domain {
namespace {

void write_optional(JsonWriter& json, std::string_view key, const std::optional<int>& value) {
    if (value) json.field(key, *value);
}

void write_advice(JsonWriter& json, Reason reason) {
    json.field("recommended_action", info(reason).recommended_action);
    json.key("advice").raw(advice_json(info(reason).name));
}

void write_copay(JsonWriter& json, const SubsidyDecision& subsidy) {
    static const Copay unknown_terms = [] {
        Copay copay;
        write_copay_text(copay);
        return copay;
    }();
    const Copay& copay = subsidy.copay == nullptr ? unknown_terms : *subsidy.copay;
    json.key("copay").begin_object().field("kind", name(copay.kind));
    write_optional(json, "amount", copay.amount_yen);
    if (copay.up_to) json.field("up_to", true);
    write_optional(json, "percent", copay.percent);
    write_optional(json, "days_per_month", copay.days_per_month);
    write_optional(json, "monthly_cap", subsidy.monthly_cap_yen);
    write_optional(json, "cap_monthly", copay.cap_monthly_yen);
    write_optional(json, "cap_many_times", copay.cap_many_times_yen);
    write_optional(json, "cap_yearly", copay.cap_yearly_yen);
    write_optional(json, "year_starts_month", copay.year_starts_month);
    write_optional(json, "cap_person_monthly", copay.cap_person_monthly_yen);
    if (copay.person_cap_by_refund) json.field("person_cap_by_refund", true);
    if (copay.food_covered) json.field("food_covered", *copay.food_covered);
    if (!copay.counter.empty()) json.field("counter", copay.counter);
    if (subsidy.monthly_cap_yen && subsidy.entitlement->cap_monthly_yen) {
        const Localized cap = own_cap_clause(*subsidy.monthly_cap_yen);
        write_text(
            json, "text",
            {.ja = copay.text_without_cap.ja + cap.ja, .en = copay.text_without_cap.en + cap.en});
    } else {
        write_text(json, "text", copay.text);
    }
    json.end_object();
}

void write_notes(JsonWriter& json, const SubsidyDecision& subsidy) {
    const bool from_rule = subsidy.rule != nullptr && !subsidy.rule->notes.empty() &&
                           subsidy.outcome == Outcome::eligible;
    if (subsidy.notes.empty() && !from_rule) return;
    json.key("notes").begin_array();
    for (std::string_view code : subsidy.notes)
        write_coded_text(json, code);
    if (from_rule) {
        for (const Localized& text : subsidy.rule->notes) {
            json.begin_object();
            write_text(json, "text", text);
            json.end_object();
        }
    }
    json.end_array();
}

void write_scheme(JsonWriter& json, const SubsidyDecision& subsidy) {
    const Entitlement& entitlement = *subsidy.entitlement;
    json.key("scheme").begin_object().field("id", scheme_id(subsidy));
    if (subsidy.scheme != nullptr) {
        write_text(json, "name", subsidy.scheme->name);
    } else {
        write_text(json, "name",
                   {.ja = entitlement.certificate_name, .en = entitlement.certificate_name});
    }
    json.end_object();
}

// Not for those that cannot be used: numbers that must not go on a claim are not handed out.
void write_claim(JsonWriter& json, const SubsidyDecision& subsidy) {
    json.key("claim").begin_object().field("order", subsidy.claim_order);
    if (subsidy.payer_number) json.field("payer_number", subsidy.payer_number->text());
    json.field("recipient_number", subsidy.entitlement->recipient_number)
        .field("settlement", name(subsidy.settlement))
        .end_object();
}

void write_subsidy(AnswerWriter& out, const SubsidyDecision& subsidy, Instant now) {
    JsonWriter& json = out.json();
    const Entitlement& entitlement = *subsidy.entitlement;
    json.begin_object().key("authority").begin_object();
    json.field("code", subsidy.authority.text())
        .field("name", authority_name(subsidy.authority))
        .end_object();
    write_scheme(json, subsidy);
    json.field("outcome", name(subsidy.outcome)).field("reason", info(subsidy.reason).name);
    if (subsidy.outcome == Outcome::eligible) write_claim(json, subsidy);
    out.dates("valid", entitlement.valid_from, entitlement.valid_to);
    if (subsidy.reason == Reason::REVOKED) out.instant("revoked_at", *entitlement.revoked_at);
    if (subsidy.outcome == Outcome::eligible) write_copay(json, subsidy);
    write_advice(json, subsidy.reason);
    write_notes(json, subsidy);
    out.freshness(subsidy.freshness, subsidy.as_of, now);
    if (subsidy.rule != nullptr) json.field("rule_version", subsidy.rule->version);
    json.end_object();
}

void write_authorities(AnswerWriter& out, const Case& facts) {
    if (!facts.query.consent) {
        out.json().key("authorities").begin_array().end_array();
        return;
    }
    std::vector<const Finding*> findings = named_findings(facts);
    std::ranges::sort(findings, [](const Finding* a, const Finding* b) {
        return std::tie(a->authority, a->status, a->kind, a->elapsed_ms) <
               std::tie(b->authority, b->status, b->kind, b->elapsed_ms);
    });
    JsonWriter& json = out.json();
    json.key("authorities").begin_array();
    for (const Finding* finding : findings) {
        json.begin_object()
            .field("code", finding->authority.text())
            .field("status", name(finding->status));
        if (!finding->kind.empty()) json.field("kind", finding->kind);
        if (!finding->kind.empty()) out.elapsed(finding->elapsed_ms);
        json.end_object();
    }
    for (const SourceStatus status : unnamed_failures(facts))
        json.begin_object().field("status", name(status)).end_object();
    json.end_array();
}

// What a token claims carries no freshness: no source has spoken.
void write_insurance(AnswerWriter& out, const Insurance& insurance, Instant now) {
    JsonWriter& json = out.json();
    json.key("insurance").begin_object().field("status", name(insurance.status));
    if (insurance.insurer) json.field("insurer_number", insurance.insurer->text());
    write_optional(json, "copay_ratio_percent", insurance.copay_ratio_percent);
    if (insurance.from_source) out.freshness(Freshness::live, insurance.as_of, now);
    json.end_object();
}

void write_steps(JsonWriter& json, const std::vector<Step>& steps) {
    json.key("explanation").begin_array();
    for (const Step& step : steps) {
        json.begin_object().field("rule", step.rule);
        if (!step.subject.empty()) json.field("subject", step.subject);
        json.field("passed", step.passed);
        write_text(json, "text", step.text);
        json.end_object();
    }
    json.end_array();
}

}  // namespace

RenderedAnswer render_answer(const Case& facts, const Decision& decision,
                             std::string_view answer_id, Instant now) {
    AnswerWriter out(1024 + 2048 * (decision.subsidies.size() + 1));
    JsonWriter& json = out.json();
    json.begin_object();
    out.answer_id(answer_id);
    out.date("service_date", facts.query.service_date);
    json.field("setting", name(facts.query.setting))
        .field("outcome", name(decision.outcome))
        .field("reason", info(decision.reason).name);
    write_advice(json, decision.reason);
    json.key("subsidies").begin_array();
    for (const SubsidyDecision& subsidy : decision.subsidies)
        write_subsidy(out, subsidy, now);
    json.end_array();
    write_authorities(out, facts);
    if (facts.query.insurance) write_insurance(out, *facts.query.insurance, now);
    if (!decision.warnings.empty()) {
        json.key("warnings").begin_array();
        for (const Warning& warning : decision.warnings)
            write_coded_text(json, warning.code);
        json.end_array();
    }
    if (decision.last_changed) out.instant("last_changed", *decision.last_changed);
    if (facts.query.explain) write_steps(json, decision.steps);
    return out.take();
}

}  // namespace shikaku::domain
