// What shikaku-publish shows: reports and refusals in Japanese and English.
#pragma once

#include <ostream>
#include <vector>

#include "gateway/registry/publication.h"

namespace shikaku::app {

void print_report(std::ostream& out, const registry::PublicationReport& report);
void print_rows(std::ostream& out, const std::vector<registry::RefusedRow>& rows);

}  // namespace shikaku::app
