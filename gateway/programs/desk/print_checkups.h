// An answer about checkups as a receptionist wants to read it: what may still be taken, until when
// and for how much; what was found, and whether somebody has to look again.
#pragma once

#include <ostream>

#include "gateway/support/json.h"

namespace shikaku::programs {

void print_checkups(std::ostream& out, const Json& answer, bool colour);

}  // namespace shikaku::programs
