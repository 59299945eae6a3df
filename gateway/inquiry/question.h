// What a desk asks about a card.
#pragma once

#include <string>

#include "gateway/domain/query.h"

namespace shikaku::inquiry {

struct Question {
    std::string card_token;
    domain::Date service_date;
    domain::Date today;
    domain::Setting setting = domain::Setting::outpatient;
    domain::Priority priority = domain::Priority::walk_in;
    bool explain = false;
    std::string known_content_hash;  // empty: none
};

}  // namespace shikaku::inquiry
