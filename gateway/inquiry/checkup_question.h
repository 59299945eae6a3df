// What a desk asks about a card's checkups.
#pragma once

#include <string>

#include "gateway/domain/query.h"

namespace shikaku::inquiry {

struct CheckupQuestion {
    std::string card_token;
    domain::Date service_date;
    domain::Priority priority = domain::Priority::walk_in;
    std::string known_content_hash;  // empty: none
};

}  // namespace shikaku::inquiry
