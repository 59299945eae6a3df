// The sentences of an explanation's steps.
#pragma once

#include "gateway/domain/age.h"
#include "gateway/domain/area.h"
#include "gateway/domain/conditions.h"
#include "gateway/domain/copay_line.h"
#include "gateway/domain/decision.h"

namespace shikaku::domain::explain_texts {

[[nodiscard]] Localized consent(bool given);
[[nodiscard]] Localized source(const Finding& finding, std::optional<Reason> because);
[[nodiscard]] Localized source_not_named(SourceStatus status);
[[nodiscard]] Localized only_what_it_said_before();
[[nodiscard]] Localized only_what_the_other_said_before();
[[nodiscard]] Localized scheme(const Scheme* scheme, const RuleVersion* rule);
[[nodiscard]] Localized validity(const Entitlement& entitlement, Date on, Reason reason);
[[nodiscard]] Localized designation(bool designated);
[[nodiscard]] Localized setting(Setting setting, const CopayChoice& choice);
[[nodiscard]] Localized age(const AgeRange& range, Answered answered);
[[nodiscard]] Localized condition(Condition condition);
[[nodiscard]] Localized exclusion(const std::string& excluder);  // empty: by none
[[nodiscard]] Localized settlement(const Settling& settling);
[[nodiscard]] Localized order(std::string_view law_code, bool national, int place, int claim_order);
[[nodiscard]] Localized insurance(Insurance::Status status);
[[nodiscard]] Localized overall(const Decision& decision);

// 「6歳に達する日以後の最初の4月1日から、…まで」, also for tables in the documentation.
[[nodiscard]] Localized age_range(const AgeRange& range);
[[nodiscard]] Localized setting_name(Setting setting);

}  // namespace shikaku::domain::explain_texts
