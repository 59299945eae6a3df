// What shikaku-publish shows: reports and refusals in Japanese and English.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "gateway/domain/localized.h"
#include "gateway/registry/publication.h"

namespace shikaku::programs {

void print_report(std::ostream& out, const registry::PublicationReport& report);
// A problem of a scheme pack: its JSON pointer, then the sentence.
void print_pack_problem(std::ostream& out, const std::string& pointer,
                        const domain::Localized& text);
void print_rows(std::ostream& out, const std::vector<registry::RefusedRow>& rows);

}  // namespace shikaku::programs
