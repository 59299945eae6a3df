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

// One checkup (検診) of Hachioji's.
struct CheckupRow {
    std::string history_key;
    std::string checkup_id;
    std::string fiscal_year;
    std::optional<domain::Date> invited_from{}, invited_to{};
    std::string ticket_number{};
    std::optional<int> own_payment_yen{};
    std::optional<domain::Date> examined_on{};
    std::string institution_name{}, items{}, judgement{}, detailed_exam{};
};

struct Resident {
    std::string personal_number;
    domain::Date birth_date;
    std::vector<Row> hachioji{};
    std::vector<Row> tokyo{};
    std::vector<CheckupRow> checkups{};
    bool ambiguous_in_tokyo = false;
};

}  // namespace shikaku::mocks
