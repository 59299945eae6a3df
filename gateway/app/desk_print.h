// An answer as a receptionist wants to read it: may I use it, what do I charge, what goes on the
// claim, until when, how fresh is this. Japanese first, English beside it.
#pragma once

#include <ostream>

#include "gateway/domain/date.h"
#include "gateway/support/json.h"

namespace shikaku::app {

struct PrintOptions {
    bool colour = false;
    domain::Date today = domain::Date::of_instant_jst(SystemClock().now());
};

void print_answer(std::ostream& out, const Json& answer, PrintOptions options);
void print_problem(std::ostream& out, const Json& problem, PrintOptions options);

}  // namespace shikaku::app
