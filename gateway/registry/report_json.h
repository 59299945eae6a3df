// The report of a publication as JSON (docs/contract.md 5), both ways: the API writes it,
// shikaku-publish reads it, the registry keeps it. Times are RFC 3339 in JST, whole seconds.
#pragma once

#include <string>

#include "gateway/registry/publication.h"
#include "gateway/support/json.h"

namespace shikaku::registry {

void write_report(JsonWriter& json, const PublicationReport& report);
[[nodiscard]] std::string report_json(const PublicationReport& report);
// corrupt: not a report.
[[nodiscard]] Result<PublicationReport> read_report(const Json& json);

}  // namespace shikaku::registry
