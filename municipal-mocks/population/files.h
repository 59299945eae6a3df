// The population as the files that municipal systems have.
#pragma once

#include <string>
#include <vector>

#include "gateway/support/bytes.h"
#include "gateway/support/result.h"
#include "municipal-mocks/population/resident.h"

namespace shikaku::mocks {

// Hachioji's export: CSV in CP932 with CRLF, Japanese headers, a column 個人番号, dates as 20261001
// and 平成30年5月1日. internal: a character that CP932 lacks.
[[nodiscard]] Result<std::string> hachioji_csv(const std::vector<Resident>& people);

// Hachioji's checkups, the same way (gateway/docs/checkup-columns.md).
[[nodiscard]] Result<std::string> checkups_csv(const std::vector<Resident>& people);

// What Tokyo's system serves (people.h): link keys, as made with the linkage secret, and records in
// the names of the national registration API.
[[nodiscard]] std::string tokyo_json(const std::vector<Resident>& people, BytesView linkage_secret);

}  // namespace shikaku::mocks
