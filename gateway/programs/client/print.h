// An answer as a receptionist wants to read it: may I use it, what do I charge, what goes on the
// claim, until when, how fresh is this. Japanese first, English beside it.
#pragma once

#include <ostream>
#include <string>

#include "gateway/domain/date.h"
#include "gateway/programs/client/no_answer.h"
#include "gateway/support/json.h"

namespace shikaku::programs {

struct PrintOptions {
    bool colour = false;
    std::string support{};  // whom to call
    domain::Date today = domain::Date::of_instant_jst(SystemClock().now());
};

void print_answer(std::ostream& out, const Json& answer, PrintOptions options);
void print_problem(std::ostream& out, const Json& problem, PrintOptions options);
void print_no_answer(std::ostream& out, const NoAnswer& why, PrintOptions options);

}  // namespace shikaku::programs
