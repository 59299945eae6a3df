// What the patient pays, in words, made from the structure of a Copay:
// 「1日につき500円(1医療機関につき 月2日まで、3日目から無料)」. Made once when a pack is loaded; an
// answer only copies.
#pragma once

#include <string>

#include "gateway/domain/scheme.h"

namespace shikaku::domain {

// Fills text and text_without_cap.
void write_copay_text(Copay& copay);
// The clause for the cap that a certificate carries itself, to follow text_without_cap.
[[nodiscard]] Localized own_cap_clause(int yen);
[[nodiscard]] std::string with_thousands(int yen);  // 18000 -> "18,000"

}  // namespace shikaku::domain
