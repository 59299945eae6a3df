#include "gateway/kinds/checkup/reasons.h"

#include <algorithm>
#include <array>

#include "gateway/support/names.h"

namespace shikaku::checkup {
namespace {

constexpr auto kOutcomes = std::to_array<Named<Outcome>>(
    {{Outcome::found, "found"}, {Outcome::none, "none"}, {Outcome::unknown, "unknown"}});

using enum Reason;
constexpr std::string_view kAskPatient = "ask_patient";
constexpr auto kReasons = std::to_array<ReasonInfo>({
    {FOUND,
     Outcome::found,
     "FOUND",
     "show_checkups",
     {"検診の案内・結果を確認してください。", "Look at the invitations and results."},
     {"対応は不要です。", "Nothing to do."}},
    {FOUND_PARTLY,
     Outcome::found,
     "FOUND_PARTLY",
     "show_checkups",
     {"表示のほかにも検診がある可能性があります。患者さんにも確認してください。",
      "There may be more than is shown. Ask the patient as well."},
     {"照会できなかった自治体があります。authorities を確認してください。",
      "Not every authority could be heard: see authorities."}},
    {NO_RECORD,
     Outcome::none,
     "NO_RECORD",
     kAskPatient,
     {"照会した自治体に検診の登録がありません。ほかの自治体や職場の検診は含まれません。",
      "The authorities asked have no checkup of this person. Checkups of others, or at work, are "
      "not among them."},
     {"照会先のすべてが回答しています。", "Every authority asked has answered."}},
    {CONSENT_REFUSED,
     Outcome::unknown,
     "CONSENT_REFUSED",
     kAskPatient,
     {"検診情報の提供に同意がありません。検診の有無は分かりません。患者さんに確認してください。",
      "The patient did not consent to showing checkups: whether there are any is not known. Ask "
      "the patient."},
     {"同意がないため、どの自治体にも照会していません。医療費助成の同意は検診に及びません。",
      "Without consent nobody was asked. Consent for subsidies does not cover checkups."}},
    {NOT_CONNECTED,
     Outcome::unknown,
     "NOT_CONNECTED",
     kAskPatient,
     {"お住まいの自治体の検診情報は照会できません。患者さんに確認してください。",
      "The patient's authority does not publish checkups here, or is not known. Ask the patient."},
     {"自治体が検診情報を公開していないか、住所地が分かりません。",
      "The authority has published no checkups, or the residence is not known."}},
    {SOURCE_UNAVAILABLE,
     Outcome::unknown,
     "SOURCE_UNAVAILABLE",
     kAskPatient,
     {"検診情報を確認できませんでした。検診の有無は分かりません。患者さんに確認してください。",
      "Checkups could not be looked up: whether there are any is not known. Ask the patient."},
     {"公開データの一部を読めないか、連携用秘密鍵が異なります。",
      "Part of what was published cannot be read, or was made with another linkage secret."}},
    {STALE_BEYOND_POLICY,
     Outcome::unknown,
     "STALE_BEYOND_POLICY",
     kAskPatient,
     {"自治体の検診情報が古いため、登録がないとは言えません。患者さんに確認してください。",
      "What the authority published is too old to say that there is nothing. Ask the patient."},
     {"自治体に再公開を依頼してください。", "Ask the authority to publish again."}},
});
static_assert(in_order(kReasons, &ReasonInfo::reason) &&
              kReasons.back().reason == STALE_BEYOND_POLICY);
static_assert(std::ranges::all_of(kReasons, [](const ReasonInfo& one) {
    return !one.desk.ja.empty() && !one.desk.en.empty() && !one.it.ja.empty() && !one.it.en.empty();
}));

}  // namespace

std::string_view name(Outcome outcome) {
    return name_in(kOutcomes, outcome);
}

std::optional<Outcome> parse_outcome(std::string_view text) {
    return value_in(kOutcomes, text);
}

const ReasonInfo& info(Reason reason) {
    return kReasons[static_cast<std::size_t>(reason)];
}

std::optional<Reason> parse_reason(std::string_view text) {
    const auto found = std::ranges::find(kReasons, text, &ReasonInfo::name);
    return found == kReasons.end() ? std::nullopt : std::optional(found->reason);
}

}  // namespace shikaku::checkup
