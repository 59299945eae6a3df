// What the log keeps of a refusal.
#pragma once

#include "gateway/api/denial_tally.h"
#include "gateway/audit/log.h"
#include "gateway/support/result.h"

namespace shikaku::api {

// `caller` is a label, or "certificate:<sha256>" when it has no role.
[[nodiscard]] audit::Detail denial_detail(std::string_view caller, std::string_view request_id,
                                          std::string_view route, const Error& error);

// Of one caller: their part. Of several, by code alone: the auditors'.
[[nodiscard]] audit::Detail counted_denials_detail(const CountedDenials& counted);

}  // namespace shikaku::api
