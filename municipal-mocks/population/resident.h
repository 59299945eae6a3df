// A synthetic person, and what Hachioji (132012) and Tokyo (130001) have registered about them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/domain/date.h"

namespace shikaku::mocks {

// One history row of a certificate (受給者証).
struct Row {
    std::string history_key;
    std::string certificate_type_id;
    std::string scheme_id;
    std::string payer_number;
    std::string recipient_number;
    std::string certificate_name;
    std::string income_segment{};
    std::string additional_conditions{};
    std::string designated_institutions{};
    std::optional<int> cap_monthly_yen{};
    domain::Date valid_from{};
    domain::Date valid_to{};
    bool not_disclosed = false;
    bool deleted = false;
};

struct Resident {
    std::string personal_number;
    domain::Date birth_date;
    std::vector<Row> hachioji{};
    std::vector<Row> tokyo{};
    bool ambiguous_in_tokyo = false;
};

}  // namespace shikaku::mocks
