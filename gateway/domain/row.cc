#include "gateway/domain/row.h"

#include <algorithm>

#include "gateway/domain/age.h"
#include "gateway/domain/copay_line.h"

namespace shikaku::domain {
namespace {

std::optional<PayerNumber> payer_number_of(const Entitlement& entitlement, const Scheme* scheme) {
    if (entitlement.payer_number) return entitlement.payer_number;
    if (scheme != nullptr && scheme->payer_numbers.size() == 1)
        return scheme->payer_numbers.front();
    return std::nullopt;
}

void note(Row& row, std::string_view code) {
    row.subsidy.notes.push_back(code);
}

// The rules' word on a row that is in force: the first obstacle, or ACTIVE.
Reason check_rules(Row& row, const Query& query) {
    SubsidyDecision& subsidy = row.subsidy;
    const RuleVersion& rule = *subsidy.rule;
    const Entitlement& entitlement = *subsidy.entitlement;
    const std::optional<Date>& birth_date = birth_date_of(entitlement, query);

    const CopayChoice choice = choose_copay(rule, {.entitlement = entitlement,
                                                   .payer_number = subsidy.payer_number,
                                                   .birth_date = birth_date,
                                                   .setting = query.setting,
                                                   .on = query.service_date});
    if (choice.state == CopayChoice::State::not_covered) return Reason::SETTING_NOT_COVERED;
    subsidy.copay = choice.copay;

    const Answered age = check_age(rule.age, birth_date, query.service_date);
    if (age == Answered::no) return Reason::AGE_OUT_OF_RANGE;
    row.age_unknown = age == Answered::unknown;

    const Condition condition = check_conditions(rule, entitlement, birth_date, query.service_date);
    if (!is_met(condition)) return Reason::CONDITION_NOT_MET;
    if (condition == Condition::segment_not_told) note(row, kSegmentNotChecked);
    if (rule.designated_institution_required && entitlement.designated_institutions.empty())
        note(row, kDesignationNotChecked);
    // What is known about the insurance may be two weeks old: no reason for a no.
    if (rule.insurance_required && insurance_is(query, Insurance::Status::invalid))
        note(row, kInsuranceRequired);
    return Reason::ACTIVE;
}

std::optional<int> monthly_cap(const SubsidyDecision& subsidy) {
    if (subsidy.entitlement->cap_monthly_yen) return subsidy.entitlement->cap_monthly_yen;
    if (subsidy.copay == nullptr) return std::nullopt;
    if (subsidy.copay->cap_monthly_yen) return subsidy.copay->cap_monthly_yen;
    return subsidy.copay->person_cap_by_refund ? std::nullopt
                                               : subsidy.copay->cap_person_monthly_yen;
}

// What to charge, and how it is settled.
void set_terms(Row& row, const Query& query) {
    SubsidyDecision& subsidy = row.subsidy;
    if (is_taken_back(*subsidy.entitlement)) note(row, kLeftOutSince);
    const Settling settling = settle(subsidy.rule, subsidy.authority, *subsidy.entitlement, query);
    subsidy.settlement = settling.settlement;
    if (settling.settlement != Settlement::in_kind) {
        set_reason(subsidy, Reason::ACTIVE_REIMBURSEMENT);
        subsidy.copay = &share_paid_back_later();
        return;
    }
    row.insurer_unknown = settling.insurer_unknown;
    subsidy.monthly_cap_yen = monthly_cap(subsidy);
    if (settling.area_unknown) note(row, kAreaUnknown);
    if (!subsidy.payer_number) note(row, kPayerNumberMissing);
    if (subsidy.rule == nullptr) {
        note(row, kRulesUnknown);
    } else if (subsidy.copay == nullptr || subsidy.copay->kind == Copay::Kind::unknown) {
        note(row, kCopayUnknown);
    } else if (subsidy.copay->cap_unknown && !subsidy.monthly_cap_yen) {
        note(row, kCapUnknown);
    }
}

}  // namespace

bool is_usable(const Finding& finding) {
    return !finding.ambiguous;
}

bool is_failed(const Finding& finding) {
    return finding.status == SourceStatus::unavailable || finding.status == SourceStatus::timeout ||
           finding.status == SourceStatus::refused || finding.freshness == Freshness::stale ||
           finding.beyond_policy;
}

bool is_taken_back(const Entitlement& entitlement) {
    // Authorities leave rows out once they have run out; that takes nothing back.
    return entitlement.revoked_at &&
           Date::of_instant_jst(*entitlement.revoked_at) <= entitlement.valid_to;
}

Reason check_dates(const Entitlement& entitlement, Date on) {
    // A row that had run out anyway is told as that, also after the authority removed it.
    if (on > entitlement.valid_to) return Reason::EXPIRED;
    if (is_taken_back(entitlement) &&
        (!entitlement.left_out || on >= Date::of_instant_jst(*entitlement.revoked_at)))
        return Reason::REVOKED;
    return on < entitlement.valid_from ? Reason::NOT_YET_VALID : Reason::ACTIVE;
}

bool is_in_force(const Row& row) {
    const Reason reason = row.subsidy.reason;
    return reason != Reason::REVOKED && reason != Reason::EXPIRED &&
           reason != Reason::NOT_YET_VALID;
}

bool is_designated(const Entitlement& entitlement, const InstitutionCode& institution) {
    const auto& list = entitlement.designated_institutions;
    return list.empty() || std::ranges::find(list, institution) != list.end();
}

const std::optional<Date>& birth_date_of(const Entitlement& entitlement, const Query& query) {
    return entitlement.birth_date ? entitlement.birth_date : query.birth_date;
}

const Copay& share_paid_back_later() {
    static const Copay share = [] {
        Copay copay;
        copay.kind = Copay::Kind::insurance_share;
        copay.text = {
            .ja = "窓口では保険の自己負担割合どおりに受け取り、助成分は後日本人に払い戻し",
            .en = "charge the ordinary insurance share; the patient is paid back later"};
        copay.text_without_cap = copay.text;
        return copay;
    }();
    return share;
}

void set_reason(SubsidyDecision& subsidy, Reason reason) {
    subsidy.reason = reason;
    subsidy.outcome = info(reason).outcome;
    if (subsidy.outcome != Outcome::eligible) {
        subsidy.copay = nullptr;
        subsidy.monthly_cap_yen.reset();
        subsidy.settlement = Settlement::in_kind;
        subsidy.notes.clear();
    }
}

Row judge(const Query& query, const Finding& finding, const Entitlement& entitlement,
          const RuleBook& rules) {
    const Scheme* const scheme =
        rules.find(finding.authority, entitlement.scheme_id, entitlement.payer_number);
    Row row{.subsidy = {.authority = finding.authority,
                        .scheme = scheme,
                        .rule = scheme == nullptr ? nullptr : scheme->rule_on(query.service_date),
                        .entitlement = &entitlement,
                        .payer_number = payer_number_of(entitlement, scheme),
                        .copay = nullptr,
                        .monthly_cap_yen = {},
                        .freshness = finding.freshness,
                        .as_of = finding.as_of,
                        .notes = {}},
            .source_failed = is_failed(finding),
            .beyond_policy = finding.beyond_policy};

    Reason reason = check_dates(entitlement, query.service_date);
    if (reason == Reason::ACTIVE && !is_designated(entitlement, query.institution))
        reason = Reason::NOT_DESIGNATED;
    // An authority that says "this person holds this certificate" is believed although its rules
    // are not known here: a yes with an unknown amount, to be read from the certificate.
    if (reason == Reason::ACTIVE && row.subsidy.rule != nullptr) reason = check_rules(row, query);
    set_reason(row.subsidy, reason);
    if (row.subsidy.outcome == Outcome::eligible) set_terms(row, query);
    return row;
}

}  // namespace shikaku::domain
