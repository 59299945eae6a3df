#include "gateway/domain/explain_texts.h"

#include <fmt/format.h>

#include "gateway/domain/authority_names.h"

namespace shikaku::domain::explain_texts {
namespace {

std::string dates(const Entitlement& e) {
    return fmt::format("{}..{}", e.valid_from.iso(), e.valid_to.iso());
}

void append(Localized& text, const std::string& ja, const std::string& en) {
    if (!text.ja.empty()) {
        text.ja += "、";
        text.en += ", ";
    }
    text.ja += ja;
    text.en += en;
}

}  // namespace

Localized consent(bool given) {
    return given ? Localized{"医療費助成情報の提供に同意あり",
                             "the patient consents to showing subsidies"}
                 : Localized{"同意がないため、どの自治体にも照会していない",
                             "no consent, so no authority was asked"};
}

Localized source(const Finding& finding, std::optional<Reason> because) {
    const std::string_view name = authority_name(finding.authority);
    const std::string_view status = domain::name(finding.status);
    if (because)
        return {fmt::format("{}: 情報を得られず ({})", name, info(*because).name),
                fmt::format("{}: no usable answer ({}, {})", name, status, info(*because).name)};
    return {fmt::format("{}: 回答あり、資格履歴{}件", name, finding.entitlements.size()),
            fmt::format("{}: {}, {} history rows", name, status, finding.entitlements.size())};
}

Localized source_not_named(SourceStatus status) {
    return {"ほかの照会先から情報を得られず",
            fmt::format("another source: no usable answer ({})", domain::name(status))};
}

Localized only_what_it_said_before() {
    return {
        "今回は確認できず、以前の情報では対象外。その後の更新がありうるため「不明」とする",
        "could not be asked now; earlier it said no, and a renewal may have come since: unknown"};
}

Localized only_what_the_other_said_before() {
    return {
        "優先する制度の照会先が今回は確認できず、その資格は以前の情報。今も有効とは限らないため「不"
        "明」とする",
        "the source of the subsidy it gives way to could not be asked now; that one may have ended "
        "since: unknown"};
}

Localized scheme(const Scheme* scheme, const RuleVersion* rule) {
    if (scheme == nullptr)
        return {
            "この自治体の制度定義にない受給者証。資格は自治体の登録を信頼し、負担額は受給者証で確"
            "認",
            "not in the authority's scheme pack: the entitlement is believed, the amount is "
            "unknown"};
    if (rule == nullptr)
        return {fmt::format("{}: この診療日に有効な規則の登録なし", scheme->name.ja),
                fmt::format("{}: no rule for this service date", scheme->name.en)};
    return {fmt::format("{}: {}からの規則を適用", scheme->name.ja, rule->from.iso()),
            fmt::format("{}: rule version of {}", scheme->name.en, rule->version)};
}

Localized validity(const Entitlement& entitlement, Date on, Reason reason) {
    const std::string range = dates(entitlement);
    const std::string day = on.iso();
    switch (reason) {
        case Reason::EXPIRED:
            return {fmt::format("有効期間{}は診療日{}より前に終了", range, day),
                    fmt::format("valid {}, ended before {}", range, day)};
        case Reason::NOT_YET_VALID:
            return {fmt::format("有効期間{}は診療日{}より後に開始", range, day),
                    fmt::format("valid {}, begins after {}", range, day)};
        case Reason::REVOKED:
            return {fmt::format("有効期間{}の資格は自治体が取り消し", range),
                    fmt::format("valid {}, withdrawn by the authority", range)};
        default:
            break;
    }
    return {fmt::format("有効期間{}に診療日{}を含む", range, day),
            fmt::format("valid {}, contains {}", range, day)};
}

Localized designation(bool designated) {
    return designated ? Localized{"指定医療機関に含まれる", "this institution is designated"}
                      : Localized{"受給者証の指定医療機関に含まれない",
                                  "this institution is not among the designated ones"};
}

Localized setting_name(Setting setting) {
    switch (setting) {
        case Setting::outpatient:
            return {"通院", "out-patient"};
        case Setting::inpatient:
            return {"入院", "in-patient"};
        case Setting::pharmacy:
            return {"調剤", "pharmacy"};
        case Setting::dental_outpatient:
            return {"歯科通院", "dental out-patient"};
        case Setting::dental_inpatient:
            return {"歯科入院", "dental in-patient"};
        case Setting::home_nursing:
            return {"訪問看護", "visiting nurse"};
        case Setting::judo_therapy:
            return {"柔道整復", "judo therapy"};
        case Setting::acupuncture:
            return {"はり・きゅう・マッサージ", "acupuncture and massage"};
    }
    return {};
}

Localized setting(Setting setting, const CopayChoice& choice) {
    const Localized where = setting_name(setting);
    switch (choice.state) {
        case CopayChoice::State::not_covered:
            return {fmt::format("{}は助成の対象外", where.ja),
                    fmt::format("{}: not covered", where.en)};
        case CopayChoice::State::unknown:
            return {
                fmt::format("{}は対象、負担額を決める情報が不足", where.ja),
                fmt::format("{}: covered, a fact that the amount depends on is missing", where.en)};
        case CopayChoice::State::found:
            break;
    }
    return {fmt::format("{}: {}", where.ja, choice.copay->text.ja),
            fmt::format("{}: {}", where.en, choice.copay->text.en)};
}

Localized age_range(const AgeRange& range) {
    Localized text;
    if (range.from)
        append(text, fmt::format("{}歳以上", *range.from), fmt::format("from age {}", *range.from));
    if (range.from_fiscal_year_after)
        append(text,
               fmt::format("{}歳に達する日以後の最初の4月1日から", *range.from_fiscal_year_after),
               fmt::format("from the first 1 April after reaching age {}",
                           *range.from_fiscal_year_after));
    if (range.to)
        append(text, fmt::format("{}歳まで", *range.to), fmt::format("to age {}", *range.to));
    if (range.to_fiscal_year_end_after)
        append(
            text,
            fmt::format("{}歳に達する日以後の最初の3月31日まで", *range.to_fiscal_year_end_after),
            fmt::format("to the first 31 March after reaching age {}",
                        *range.to_fiscal_year_end_after));
    return text;
}

Localized age(const AgeRange& range, Answered answered) {
    Localized text = age_range(range);
    if (answered == Answered::yes) append(text, "範囲内", "within it");
    if (answered == Answered::no) append(text, "範囲外", "outside it");
    if (answered == Answered::unknown)
        append(text, "生年月日が不明のため確認せず", "not checked: birth date unknown");
    return text;
}

Localized condition(Condition condition) {
    switch (condition) {
        case Condition::met:
            break;
        case Condition::segment_not_told:
            return {
                "受給者証の区分か生年月日が不明のため、区分の条件は確認せず",
                "the segment or the birth date is not known, so that condition was not checked"};
        case Condition::excluded_segment:
            return {"この区分は助成の対象外", "this segment is excluded"};
        case Condition::other_segment:
            return {"対象となる区分に当てはまらない", "none of the segments that are covered"};
        case Condition::condition_missing:
            return {"必要な条件が受給者証にない",
                    "a condition that is needed is not on the certificate"};
    }
    return {"条件を満たす", "conditions are met"};
}

Localized exclusion(const std::string& excluder) {
    if (excluder.empty())
        return {"優先する他の制度なし", "no other subsidy of this person excludes it"};
    return {fmt::format("{}の受給者はこの制度の対象外", excluder),
            fmt::format("gives way to {}", excluder)};
}

Localized settlement(const Settling& settling) {
    using Cause = Settling::Cause;
    switch (settling.cause) {
        case Cause::certificate_always:
            return {"受給者証が常に償還払い", "the certificate is always settled by paying back"};
        case Cause::rule_always:
            return {"常に償還払いの制度", "the programme always pays back"};
        case Cause::outside_area:
            return {"現物給付の区域外のため払い戻し",
                    "outside the area of in-kind settlement: paid back"};
        case Cause::insurer:
            return {"加入する国保組合では現物給付にならず払い戻し",
                    "members of this insurer are not settled in kind: paid back"};
        case Cause::rule:
            break;
    }
    if (settling.settlement == Settlement::auto_reimbursement)
        return {"自動償還", "paid back without application"};
    if (settling.settlement == Settlement::reimbursement) return {"償還払い", "paid back"};
    if (settling.area_unknown)
        return {"現物給付(区域の規則は不明)", "in kind (the area rule is not known)"};
    return {"現物給付", "settled in kind"};
}

Localized order(std::string_view law_code, bool national, int place, int claim_order) {
    const std::string code(law_code.empty() ? "-" : law_code);
    const std::string ja = national ? fmt::format("法別{}、全国順位{}", code, place)
                                    : fmt::format("法別{}、地方単独", code);
    const std::string en = national ? fmt::format("law code {}, national place {}", code, place)
                                    : fmt::format("law code {}, local", code);
    if (claim_order == 0)
        return {ja + ": 1枚のレセプトに載せられる公費は4つまで",
                en + ": a claim holds four payers"};
    return {fmt::format("{}: 第{}公費", ja, claim_order),
            fmt::format("{}: payer {}", en, claim_order)};
}

Localized insurance(Insurance::Status status) {
    switch (status) {
        case Insurance::Status::valid:
            return {"医療保険は有効", "the health insurance is valid"};
        case Insurance::Status::invalid:
            return {"医療保険は無効", "the health insurance is not valid"};
        case Insurance::Status::unknown:
            break;
    }
    return {"医療保険の有効性は未確認", "the health insurance was not checked"};
}

Localized overall(const Decision& decision) {
    const std::string_view reason = info(decision.reason).name;
    switch (decision.outcome) {
        case Outcome::eligible:
            return {fmt::format("利用できる助成あり ({})", reason),
                    fmt::format("eligible ({})", reason)};
        case Outcome::not_eligible:
            return {fmt::format("照会先すべてが回答し、利用できる助成なし ({})", reason),
                    fmt::format("every authority asked has answered, none usable ({})", reason)};
        case Outcome::unknown:
            break;
    }
    return {fmt::format("利用できるかどうか不明 ({})", reason),
            fmt::format("not known ({})", reason)};
}

}  // namespace shikaku::domain::explain_texts
