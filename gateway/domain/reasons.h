// Why an answer is what it is: every reason with its outcome and what the desk is recommended to
// do, and the codes of warnings and notes. What people read about each stands in texts.toml; a code
// that is missing there does not compile (texts.cc).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/support/names.h"

namespace shikaku::domain {

enum class Outcome : std::uint8_t { eligible, not_eligible, unknown };
[[nodiscard]] std::string_view name(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);

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

inline constexpr auto kReasons = [] {
    using enum Outcome;
    using enum Reason;
    constexpr std::string_view kCertificate = "ask_for_certificate";
    constexpr std::string_view kRenewal = "ask_patient_about_renewal";
    constexpr std::string_view kDoNotUse = "do_not_use_subsidy";
    return std::to_array<ReasonInfo>({
        {ACTIVE, "ACTIVE", eligible, "use_subsidy"},
        {ACTIVE_REIMBURSEMENT, "ACTIVE_REIMBURSEMENT", eligible, "charge_and_issue_receipt"},
        {CONSENT_REFUSED, "CONSENT_REFUSED", unknown, kCertificate},
        {NO_RECORD, "NO_RECORD", not_eligible, kCertificate},
        {NOT_CONNECTED, "NOT_CONNECTED", unknown, kCertificate},
        {NOT_YET_VALID, "NOT_YET_VALID", not_eligible, kRenewal},
        {EXPIRED, "EXPIRED", not_eligible, kRenewal},
        {REVOKED, "REVOKED", not_eligible, kRenewal},
        {NOT_DESIGNATED, "NOT_DESIGNATED", not_eligible, kDoNotUse},
        {SETTING_NOT_COVERED, "SETTING_NOT_COVERED", not_eligible, kDoNotUse},
        {AGE_OUT_OF_RANGE, "AGE_OUT_OF_RANGE", not_eligible, kDoNotUse},
        {CONDITION_NOT_MET, "CONDITION_NOT_MET", not_eligible, kDoNotUse},
        {SUPERSEDED, "SUPERSEDED", not_eligible, "use_other_subsidy"},
        {SOURCE_UNAVAILABLE, "SOURCE_UNAVAILABLE", unknown, kCertificate},
        {STALE_BEYOND_POLICY, "STALE_BEYOND_POLICY", unknown, kCertificate},
        {AMBIGUOUS_SUBJECT, "AMBIGUOUS_SUBJECT", unknown, kCertificate},
    });
}();
static_assert(lists_all(kReasons, &ReasonInfo::reason), "every Reason, in the order of the enum");

[[nodiscard]] constexpr const ReasonInfo& info(Reason reason) {
    return kReasons[static_cast<std::size_t>(reason)];
}
[[nodiscard]] std::optional<Reason> parse_reason(std::string_view text);

// A fact that does not change the outcome but that the desk should see, e.g. subsidy valid while
// the insurance is not.
struct Warning {
    std::string_view code;
};
inline constexpr std::string_view kInsuranceLost = "insurance_lost";
inline constexpr std::string_view kSubsidyEndedInsuranceValid = "subsidy_ended_insurance_valid";
inline constexpr std::string_view kSomeSourcesMissing = "some_sources_missing";
inline constexpr std::string_view kAgeNotChecked = "age_not_checked";
inline constexpr std::string_view kInsurerNotChecked = "insurer_not_checked";
inline constexpr std::string_view kLinkageDiffers = "linkage_differs";
inline constexpr auto kWarnings = std::to_array<std::string_view>(
    {kInsuranceLost, kSubsidyEndedInsuranceValid, kSomeSourcesMissing, kAgeNotChecked,
     kInsurerNotChecked, kLinkageDiffers});

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
inline constexpr auto kNotes = std::to_array<std::string_view>(
    {kFifthPayer, kRulesUnknown, kCopayUnknown, kAreaUnknown, kPayerNumberMissing,
     kSegmentNotChecked, kDesignationNotChecked, kLastKnownNo, kCapUnknown, kInsuranceRequired,
     kLeftOutSince});

}  // namespace shikaku::domain
