// What the desk is told: typed, ordered, explained. Contract 3.2 and 3.3.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/domain/localized.h"
#include "gateway/domain/query.h"
#include "gateway/domain/scheme.h"

namespace shikaku::domain {

enum class Outcome : std::uint8_t { eligible, not_eligible, unknown };

enum class Reason : std::uint8_t {
    ACTIVE,
    ACTIVE_REIMBURSEMENT,
    CONSENT_REFUSED,
    NO_RECORD,
    NOT_CONNECTED,
    NOT_YET_VALID,
    EXPIRED,
    REVOKED,
    NOT_DESIGNATED,
    SETTING_NOT_COVERED,
    AGE_OUT_OF_RANGE,
    CONDITION_NOT_MET,
    SUPERSEDED,
    SOURCE_UNAVAILABLE,
    STALE_BEYOND_POLICY,
    AMBIGUOUS_SUBJECT,
};

struct ReasonInfo {
    Reason reason;
    std::string_view name;
    Outcome outcome;
    std::string_view recommended_action;
};
[[nodiscard]] const ReasonInfo& info(Reason reason);
[[nodiscard]] std::span<const ReasonInfo> all_reasons();
[[nodiscard]] std::optional<Reason> parse_reason(std::string_view text);
[[nodiscard]] std::string_view name(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);

// A fact that does not change the outcome but that the desk should see, e.g. subsidy valid while
// the insurance is not. The code names a text in texts.toml (all_warnings(), all_notes()).
struct Warning {
    std::string_view code;
};
inline constexpr std::string_view kInsuranceLost = "insurance_lost";
inline constexpr std::string_view kSubsidyEndedInsuranceValid = "subsidy_ended_insurance_valid";
inline constexpr std::string_view kSomeSourcesMissing = "some_sources_missing";
inline constexpr std::string_view kAgeNotChecked = "age_not_checked";
inline constexpr std::string_view kInsurerNotChecked = "insurer_not_checked";
inline constexpr std::string_view kLinkageDiffers = "linkage_differs";

// The same about one subsidy.
inline constexpr std::string_view kFifthPayer = "fifth_payer";
inline constexpr std::string_view kRulesUnknown = "rules_unknown";
inline constexpr std::string_view kCopayUnknown = "copay_unknown";
inline constexpr std::string_view kAreaUnknown = "area_unknown";
inline constexpr std::string_view kPayerNumberMissing = "payer_number_missing";
inline constexpr std::string_view kSegmentNotChecked = "segment_not_checked";
inline constexpr std::string_view kDesignationNotChecked = "designation_not_checked";
inline constexpr std::string_view kLastKnownNo = "last_known_no";
inline constexpr std::string_view kCapUnknown = "cap_unknown";
inline constexpr std::string_view kInsuranceRequired = "insurance_required";
inline constexpr std::string_view kLeftOutSince = "left_out_since";

[[nodiscard]] std::span<const std::string_view> all_warnings();
[[nodiscard]] std::span<const std::string_view> all_notes();

// One step of the explanation: which rule was looked at, for what, and what it said.
struct Step {
    std::string rule;     // e.g. "validity", "age", "area"
    std::string subject;  // e.g. "132012/maru-ko"
    bool passed = true;
    Localized text;
};

struct SubsidyDecision {
    AuthorityCode authority;
    const Scheme* scheme = nullptr;            // null: the authority's pack does not know it
    const RuleVersion* rule = nullptr;         // in force on the service date; null: none
    const Entitlement* entitlement = nullptr;  // points into the Case
    Outcome outcome = Outcome::unknown;
    Reason reason = Reason::NO_RECORD;
    std::optional<PayerNumber> payer_number;  // the entitlement's, else the scheme's only one
    int claim_order = 0;  // 1.. for eligible ones on the claim; 0: not on this claim
    Settlement settlement = Settlement::in_kind;
    const Copay* copay = nullptr;        // eligible only; null: unknown. What to charge at the desk
    std::optional<int> monthly_cap_yen;  // the entitlement's own cap wins over the rule's
    Freshness freshness = Freshness::live;
    Instant as_of{};
    std::vector<std::string_view> notes;  // codes of extra texts, e.g. "fifth_payer"
};

// The scheme's id; where the authority's pack does not know it, what the row says instead.
[[nodiscard]] std::string_view scheme_id(const SubsidyDecision& subsidy);

struct Decision {
    Outcome outcome = Outcome::unknown;
    Reason reason = Reason::NOT_CONNECTED;
    std::vector<SubsidyDecision> subsidies;  // claim order, then the others
    std::vector<Warning> warnings;
    std::vector<Step> steps;              // filled when the query asks to explain
    std::optional<Instant> last_changed;  // when the answer for this service date last changed
};

}  // namespace shikaku::domain
