// 制度: a subsidy programme of one authority, with rules that change over time.
//
// Rules are keyed by full payer number and service date, never by 法別番号 alone: the same 法別
// means different things in different prefectures, and the 実施機関 digits carry co-payment
// classes. Read from scheme packs (scheme_pack.h); immutable afterwards, shared between threads
// freely.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/date.h"
#include "gateway/domain/localized.h"
#include "gateway/domain/numbers.h"
#include "gateway/domain/setting.h"

namespace shikaku::domain {

// How the subsidy is paid out: in kind at the desk (現物給付), later to the patient on application
// (償還払い), or later to the patient without application (自動償還).
enum class Settlement : std::uint8_t { in_kind, reimbursement, auto_reimbursement };
[[nodiscard]] std::string_view name(Settlement settlement);
[[nodiscard]] std::optional<Settlement> parse_settlement(std::string_view text);

// What the patient pays at the desk. Amounts in yen.
struct Copay {
    enum class Kind : std::uint8_t {
        free,             // nothing
        per_visit,        // amount_yen each visit
        per_day,          // amount_yen a day, at most days_per_month days per institution and month
        first_visit,      // amount_yen at the first visit (初診時一部負担金)
        percentage,       // percent of the total
        insurance_share,  // the ordinary insurance share, until the cap
        not_covered,      // this line's settings are not covered: SETTING_NOT_COVERED
        unknown,          // the pack says that the facts are not known
    };
    Kind kind = Kind::unknown;
    std::optional<int> amount_yen;
    bool up_to = false;  // the insurance share, where that is lower
    std::optional<int> percent;
    std::optional<int> days_per_month;
    std::optional<int> cap_monthly_yen;     // per institution and month
    std::optional<int> cap_many_times_yen;  // 多数該当
    std::optional<int> cap_yearly_yen;
    std::optional<int> year_starts_month;       // of the yearly cap, e.g. 8
    std::optional<int> cap_person_monthly_yen;  // over all institutions
    bool cap_unknown = false;                   // there is a cap that only the certificate tells
    bool person_cap_by_refund = false;          // the person cap is paid back, not kept at the desk
    std::optional<bool> food_covered;           // 入院時食事; absent: unknown
    std::string counter;                        // separate counters, e.g. "medical", "dental"
    // Made when the pack is loaded (copay_text.h): whole, and without a monthly cap, for a
    // certificate that carries its own.
    Localized text;  // "1回につき200円"
    Localized text_without_cap;
    bool operator==(const Copay&) const = default;
};
[[nodiscard]] std::string_view name(Copay::Kind kind);
[[nodiscard]] std::optional<Copay::Kind> parse_copay_kind(std::string_view text);

struct AgeRange {
    std::optional<int> from;                      // completed years, inclusive
    std::optional<int> from_fiscal_year_after;    // 「N歳に達する日以後の最初の4月1日」から
    std::optional<int> to;                        // last completed year of age, inclusive
    std::optional<int> to_fiscal_year_end_after;  // 「N歳に達する日以後の最初の3月31日」まで
    bool operator==(const AgeRange&) const = default;
};

// One line of the co-payment table: every non-empty list must contain the entitlement's value, and
// the first line that fits counts.
struct CopayLine {
    std::vector<Setting> settings;
    std::vector<std::string> segments;
    std::vector<std::string> income_segments;
    std::vector<std::string> conditions;  // any of the entitlement's additional conditions
    std::vector<PayerNumber> payer_numbers;
    std::optional<AgeRange> age;
    Copay copay;
};

// Where the certificate is honoured in kind, by the institution's place and kind. Unknown is
// treated like nationwide, with a note that says so.
struct Area {
    enum class Scope : std::uint8_t { nationwide, prefecture, list, municipality, unknown };
    Scope scope = Scope::prefecture;
    std::vector<std::string> prefectures;       // scope list: "13", "14"
    std::vector<InstitutionCode> institutions;  // contracted ones anywhere
    std::vector<InstitutionCode::Kind> kinds;   // empty: all kinds
    std::vector<std::string> districts;  // scope municipality: 都道府県+郡市区 digits of the code
    Settlement outside = Settlement::reimbursement;
};

// Which insurers' members are settled in kind; a member of another one pays and claims back.
//
// A 6-digit number is a municipality's (国保) or a society's (国保組合), and nothing in it tells
// which. The members of a society are paid back when it is one of `societies`; of any other 6-digit
// insurer that may be one, the desk is asked to look.
struct InsurerCondition {
    // 国民健康保険組合 whose number starts with one of these are settled in kind.
    std::vector<std::string> national_health_society_prefixes;
    std::vector<std::string> societies;  // beginnings of numbers known to be 国保組合
};

struct RuleVersion {
    Date from;               // service dates from ...
    std::optional<Date> to;  // ... to, inclusive; absent: until further notice
    std::string version;     // shown as rule_version, the from date
    std::optional<AgeRange> age;
    std::vector<CopayLine> copay;  // first line that fits; none fits: setting not covered
    Area area;
    std::optional<InsurerCondition> insurer;
    bool insurance_required = false;  // lost insurance: a note, as its data lags behind
    bool designated_institution_required = false;
    bool always_reimbursement = false;
    Settlement settlement = Settlement::in_kind;  // or auto_reimbursement
    std::vector<std::string> excluded_by;         // 法別番号, scheme ids or "authority/scheme"
    // Both look at the segment and the income segment of the entitlement.
    std::vector<std::string> excluded_segments;     // e.g. income segments that end the benefit
    std::optional<AgeRange> excluded_segments_age;  // only at these ages; absent: at any
    std::vector<std::string> required_segments;     // one of them, when the certificate names any
    std::vector<std::string> required_conditions;   // additional conditions, all needed
    std::vector<Localized> notes;  // what the desk must check itself, e.g. school accidents
};

struct Scheme {
    AuthorityCode authority;
    std::string id;
    Localized name;
    std::string law_code;  // 法別番号; empty: unknown
    std::vector<PayerNumber> payer_numbers;
    std::optional<int> claim_order;  // among the prefecture's local schemes
    std::string source;              // where the facts come from
    std::vector<Localized> unknown;  // what is not known about the programme
    std::vector<RuleVersion> rules;  // by date, neither overlapping nor with gaps

    [[nodiscard]] const RuleVersion* rule_on(Date service_date) const;
};

// 制度パック: all schemes of one authority, as published with PUT /v1/schemes.
struct SchemePack {
    AuthorityCode authority;
    std::string version;  // lower-case hex SHA-256 of its bytes, first 16 digits
    std::vector<Scheme> schemes;
};

}  // namespace shikaku::domain
