#include "gateway/domain/decision.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "gateway/support/names.h"

namespace shikaku::domain {
namespace {

using enum Outcome;
using enum Reason;

constexpr std::string_view kAskForCertificate = "ask_for_certificate";
constexpr std::string_view kAskAboutRenewal = "ask_patient_about_renewal";
constexpr std::string_view kDoNotUse = "do_not_use_subsidy";

constexpr auto kReasons = std::to_array<ReasonInfo>({
    {ACTIVE, "ACTIVE", eligible, "use_subsidy"},
    {ACTIVE_REIMBURSEMENT, "ACTIVE_REIMBURSEMENT", eligible, "charge_and_issue_receipt"},
    {CONSENT_REFUSED, "CONSENT_REFUSED", unknown, kAskForCertificate},
    {NO_RECORD, "NO_RECORD", not_eligible, kAskForCertificate},
    {NOT_CONNECTED, "NOT_CONNECTED", unknown, kAskForCertificate},
    {NOT_YET_VALID, "NOT_YET_VALID", not_eligible, kAskAboutRenewal},
    {EXPIRED, "EXPIRED", not_eligible, kAskAboutRenewal},
    {REVOKED, "REVOKED", not_eligible, kAskAboutRenewal},
    {NOT_DESIGNATED, "NOT_DESIGNATED", not_eligible, kDoNotUse},
    {SETTING_NOT_COVERED, "SETTING_NOT_COVERED", not_eligible, kDoNotUse},
    {AGE_OUT_OF_RANGE, "AGE_OUT_OF_RANGE", not_eligible, kDoNotUse},
    {CONDITION_NOT_MET, "CONDITION_NOT_MET", not_eligible, kDoNotUse},
    {SUPERSEDED, "SUPERSEDED", not_eligible, "use_other_subsidy"},
    {SOURCE_UNAVAILABLE, "SOURCE_UNAVAILABLE", unknown, kAskForCertificate},
    {STALE_BEYOND_POLICY, "STALE_BEYOND_POLICY", unknown, kAskForCertificate},
    {AMBIGUOUS_SUBJECT, "AMBIGUOUS_SUBJECT", unknown, kAskForCertificate},
});

static_assert(in_order(kReasons, &ReasonInfo::reason) &&
                  kReasons.back().reason == AMBIGUOUS_SUBJECT,
              "kReasons lists every Reason once, in the order of the enum");

constexpr auto kOutcomes = std::to_array<std::string_view>({"eligible", "not_eligible", "unknown"});

constexpr auto kWarnings = std::to_array<std::string_view>(
    {kInsuranceLost, kSubsidyEndedInsuranceValid, kSomeSourcesMissing, kAgeNotChecked,
     kInsurerNotChecked, kLinkageDiffers});
constexpr auto kNotes = std::to_array<std::string_view>(
    {kFifthPayer, kRulesUnknown, kCopayUnknown, kAreaUnknown, kPayerNumberMissing,
     kSegmentNotChecked, kDesignationNotChecked, kLastKnownNo, kCapUnknown, kInsuranceRequired,
     kLeftOutSince});

}  // namespace

const ReasonInfo& info(Reason reason) {
    return kReasons[static_cast<std::size_t>(reason)];
}
std::span<const ReasonInfo> all_reasons() {
    return kReasons;
}
std::optional<Reason> parse_reason(std::string_view text) {
    const auto* const found = std::ranges::find(kReasons, text, &ReasonInfo::name);
    if (found == std::end(kReasons)) return std::nullopt;
    return found->reason;
}
std::string_view name(Outcome outcome) {
    return kOutcomes[static_cast<std::size_t>(outcome)];
}
std::optional<Outcome> parse_outcome(std::string_view text) {
    const auto* const found = std::ranges::find(kOutcomes, text);
    if (found == kOutcomes.end()) return std::nullopt;
    return static_cast<Outcome>(found - kOutcomes.begin());
}
std::string_view scheme_id(const SubsidyDecision& subsidy) {
    if (subsidy.scheme != nullptr) return subsidy.scheme->id;
    const Entitlement& entitlement = *subsidy.entitlement;
    return entitlement.scheme_id.empty() ? entitlement.certificate_type_id : entitlement.scheme_id;
}
std::span<const std::string_view> all_warnings() {
    return kWarnings;
}
std::span<const std::string_view> all_notes() {
    return kNotes;
}

}  // namespace shikaku::domain
